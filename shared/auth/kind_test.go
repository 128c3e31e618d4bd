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

func TestKey(t *testing.T) {
	encoded := base64.StdEncoding.EncodeToString(kasKey)
	rows := []struct {
		name string
		kind Kind
		text string
		want []byte // nil for an error
	}{
		{"shell: the raw text", Shell, secret, []byte(secret)},
		{"shell: a trailing line feed is dropped (behaviour case 11)", Shell, secret + "\n", []byte(secret)},
		{"shell: white space around is dropped", Shell, " \t" + secret + "\r\n\n", []byte(secret)},
		{"shell: white space inside stays", Shell, "a b", []byte("a b")},
		{"shell: base64 is not decoded", Shell, encoded, []byte(encoded)},
		{"shell: empty is none", Shell, "", nil},
		{"shell: only white space is none", Shell, " \n", nil},
		{"kas: base64 of 32 bytes", KAS, encoded, kasKey},
		{"kas: a trailing line feed is dropped", KAS, encoded + "\n", kasKey},
		{"kas: empty is none", KAS, "", nil},
		{"kas: 31 bytes are refused", KAS, base64.StdEncoding.EncodeToString(kasKey[1:]), nil},
		{"kas: 33 bytes are refused", KAS, base64.StdEncoding.EncodeToString(append([]byte{1}, kasKey...)), nil},
		{"kas: without padding is refused", KAS, base64.RawStdEncoding.EncodeToString(kasKey), nil},
		{"kas: URL-safe letters are refused", KAS, base64.URLEncoding.EncodeToString(bytes.Repeat([]byte{0xff}, 32)), nil},
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
				t.Errorf("error tells the secret: %v", err)
			}
		})
	}
}

func TestStoredKey(t *testing.T) {
	const generated = "abcdefghijklmnopqrstuvwxyzABCDEF"
	file := base64.StdEncoding.EncodeToString([]byte(generated))
	rows := []struct {
		name string
		kind Kind
		text string
		want []byte // nil for an error
	}{
		{"shell: the raw text", Shell, secret + "\n", []byte(secret)},
		{"kas: what kas has in its file", KAS, file + "\n", []byte(generated)},
		{"kas: what a stack generates is the same key", KAS, generated + "\n", []byte(generated)},
		{"kas: a character less is refused", KAS, generated[1:], nil},
		{"kas: a character more is refused", KAS, generated + "G", nil},
		{"kas: empty is none", KAS, "", nil},
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
		t.Error("a file of kas without base64 is taken, which kas itself refuses")
	}
}

func TestHeaderIsCanonical(t *testing.T) {
	for _, kind := range []Kind{Shell, KAS} {
		if got := http.CanonicalHeaderKey(kind.Header()); got != kind.Header() {
			t.Errorf("%q is not canonical", kind.Header())
		}
	}
}

// What Sign makes verifies with the same key while it lives, and with no other.
func TestSignedTokensVerify(t *testing.T) {
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
		if err, lives := verify(key), age < ttl+time.Minute; (err == nil) != lives {
			t.Errorf("after %v of %v: %v", age, ttl, err)
		}
		if !sameHMACKey(key, other) && verify(other) == nil {
			t.Error("another key verifies")
		}
	})
}

// sameHMACKey reports whether two keys of at most 64 bytes are one to HMAC, which fills short keys up with zeros.
func sameHMACKey(a, b []byte) bool {
	return bytes.Equal(bytes.TrimRight(a, "\x00"), bytes.TrimRight(b, "\x00"))
}
