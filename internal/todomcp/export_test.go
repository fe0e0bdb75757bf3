package todomcp

import (
	"time"

	"mcpharness/internal/guard"
)

// NewThrottle is the throttle without the server around it.
func NewThrottle(perSecond float64) func(guard.Identity) time.Duration {
	return newThrottle(perSecond).wait
}
