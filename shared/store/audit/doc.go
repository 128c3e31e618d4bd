// Package audit stores the audit of the groups: git commands that have ended, and changes made over the API.
package audit
