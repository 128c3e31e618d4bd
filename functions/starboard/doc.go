// Package starboard is the endpoint family that agents' vulnerability scanners report to, by way of kas, and that tells
// them what to scan and when.
package starboard
