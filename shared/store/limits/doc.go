// Package limits keeps counts and limits: request rates, usage counters, unique sets, and the exclusions from the storage limit.
package limits
