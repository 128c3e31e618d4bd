// Package config reads the environment once into one struct and reports all problems together. Besides the AWS SDK, no
// other code reads the environment. It holds the ids of secrets, never secrets.
package config
