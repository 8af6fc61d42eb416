package server

import (
	"encoding/json"
	"net/http"

	"parley/internal/fault"
)

// writeProblem answers as the API does (RFC 9457) where the API was not reached.
func writeProblem(w http.ResponseWriter, f *fault.Fault) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(f.Status)
	body := map[string]any{
		"type": "about:blank", "title": http.StatusText(f.Status), "status": f.Status, "detail": f.Message, "code": f.Code,
	}
	if err := json.NewEncoder(w).Encode(body); err != nil {
		return // the client has gone
	}
}
