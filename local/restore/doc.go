// Package restore reads DynamoDB's export of a table to S3 from a folder and puts the items into another table. It does not depend on
// the items' meaning.
package restore
