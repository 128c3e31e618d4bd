// Package definition reads the table's definition out of the deployment template, so that every table made on this
// machine (for one test, or for the local system) is the one that is deployed. It holds no definition of its own.
//
// What only matters in a cloud is left out on DynamoDB Local: recovery, deletion protection, encryption, tags.
package definition
