// Package definition reads the table's definition from the deployment template. Every local table, for a test or for the
// local system, therefore equals the deployed one.
//
// DynamoDB Local supports no recovery, deletion protection, encryption or tags, so these are ignored.
package definition
