// Package obs is what an operator sees: logs, metrics, health and the build's version.
//
// NewLogger makes the one logger that is handed to everything, NewMetrics the registry, Health answers /healthz and
// /readyz, and AccessLog records requests without anything that could be a secret: never a path, only the pattern
// that it matched.
package obs
