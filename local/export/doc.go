// Package export reads what DynamoDB exports of a table to S3, once it lies in a folder, and puts it into another table. It
// knows the form of an export and nothing of what the items mean.
package export
