// Package config reads what the environment says, once, into one struct, and reports everything that is wrong with it
// at once. Besides the AWS SDK nobody else reads the environment. It keeps no secrets, only the ids of secrets.
package config
