// Package starboard is the endpoint family for the vulnerability scanners of agents, by way of kas. It stores their
// findings and returns the scan policies and schedules.
package starboard
