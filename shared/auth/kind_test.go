package auth

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestKeyParsesSecret(t *testing.T) {
	encoded := base64.StdEncoding.EncodeToString(kasKey)
	rows := []struct {
		name string
		kind Kind
		text string
		want []byte // nil for an error
	}{
		{"shell: the raw text", Shell, secret, []byte(secret)},
		{"shell: a trailing line feed is dropped (behavior case 11)", Shell, secret + "\n", []byte(secret)},
		{"shell: white space around is dropped", Shell, " \t" + secret + "\r\n\n", []byte(secret)},
		{"shell: white space inside stays", Shell, "a b", []byte("a b")},
		{"shell: base64 is not decoded", Shell, encoded, []byte(encoded)},
		{"shell: an empty secret is refused", Shell, "", nil},
		{"shell: white space alone is refused", Shell, " \n", nil},
		{"kas: base64 of 32 bytes", KAS, encoded, kasKey},
		{"kas: a trailing line feed is dropped", KAS, encoded + "\n", kasKey},
		{"kas: an empty secret is refused", KAS, "", nil},
		{"kas: 31 bytes are refused", KAS, base64.StdEncoding.EncodeToString(kasKey[1:]), nil},
		{"kas: 33 bytes are refused", KAS, base64.StdEncoding.EncodeToString(append([]byte{1}, kasKey...)), nil},
		{"kas: without padding is refused", KAS, base64.RawStdEncoding.EncodeToString(kasKey), nil},
		{"kas: URL-safe base64 is refused", KAS, base64.URLEncoding.EncodeToString(bytes.Repeat([]byte{0xff}, 32)), nil},
		{"kas: a line feed inside is refused", KAS, encoded[:8] + "\n" + encoded[8:], nil},
		{"kas: stray bits are refused", KAS, encoded[:len(encoded)-2] + "V=", nil},
		{"kas: raw text is refused", KAS, secret, nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			key, err := row.kind.Key(row.text)
			if (err == nil) != (row.want != nil) || !bytes.Equal(key, row.want) {
				t.Errorf("Key = %q, %v; want %q", key, err, row.want)
			}
			if err != nil && row.text != "" && strings.Contains(err.Error(), row.text) {
				t.Errorf("error contains the secret: %v", err)
			}
		})
	}
}

func TestStoredKeyParsesBothFormats(t *testing.T) {
	const generated = "abcdefghijklmnopqrstuvwxyzABCDEF"
	file := base64.StdEncoding.EncodeToString([]byte(generated))
	rows := []struct {
		name string
		kind Kind
		text string
		want []byte // nil for an error
	}{
		{"shell: the raw text", Shell, secret + "\n", []byte(secret)},
		{"kas: base64 as in the file of kas", KAS, file + "\n", []byte(generated)},
		{"kas: a generated secret is the same key", KAS, generated + "\n", []byte(generated)},
		{"kas: a character less is refused", KAS, generated[1:], nil},
		{"kas: a character more is refused", KAS, generated + "G", nil},
		{"kas: an empty secret is refused", KAS, "", nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			key, err := row.kind.StoredKey(row.text)
			if (err == nil) != (row.want != nil) || !bytes.Equal(key, row.want) {
				t.Errorf("StoredKey = %q, %v; want %q", key, err, row.want)
			}
		})
	}
	if _, err := KAS.Key(generated); err == nil {
		t.Error("Key accepts a file without base64, which kas itself rejects")
	}
}

func TestKindHeaderIsCanonical(t *testing.T) {
	for _, kind := range []Kind{Shell, KAS} {
		if got := http.CanonicalHeaderKey(kind.Header()); got != kind.Header() {
			t.Errorf("%q is not canonical", kind.Header())
		}
	}
}

// A signed token verifies with its key until it expires, and with no other key.
func TestSignedTokenVerifies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]Kind{Shell, KAS}).Draw(t, "kind")
		key := rapid.SliceOfN(rapid.Byte(), 1, 64).Draw(t, "key")
		other := rapid.SliceOfN(rapid.Byte(), 1, 64).Draw(t, "other")
		ttl := time.Duration(rapid.IntRange(0, 3600).Draw(t, "ttl")) * time.Second
		age := time.Duration(rapid.IntRange(-59, 7200).Draw(t, "age")) * time.Second
		token, err := Sign(kind, key, now, ttl)
		if err != nil {
			t.Fatal(err)
		}
		verify := func(key []byte) error {
			v := newJWT(kind, &keys{known: [][]byte{key}}, func() time.Time { return now.Add(age) })
			return v.Authenticate(t.Context(), request(kind.Header(), token))
		}
		if err, valid := verify(key), age < ttl+time.Minute; (err == nil) != valid {
			t.Errorf("after %v of %v: %v", age, ttl, err)
		}
		if !sameHMACKey(key, other) && verify(other) == nil {
			t.Error("another key verifies")
		}
	})
}

// sameHMACKey reports whether two keys of at most 64 bytes are equal for HMAC, which pads short keys with zeros.
func sameHMACKey(a, b []byte) bool {
	return bytes.Equal(bytes.TrimRight(a, "\x00"), bytes.TrimRight(b, "\x00"))
}
