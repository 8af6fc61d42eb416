package whip

import (
	"encoding/json"
	"net/http"
	"strconv"

	"parley/internal/fault"
)

// fail answers with an error as the REST API does (RFC 9457).
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	f := fault.From(err)
	if f.Status >= http.StatusInternalServerError && f.Code != fault.WaitingInLobby {
		s.log.Error("request failed", "method", r.Method, "error", err)
	} else {
		s.log.Debug("request refused", "method", r.Method, "error", err)
	}
	s.metrics.refused.WithLabelValues(string(f.Code)).Inc()
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	if f.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="parley"`)
	}
	if seconds, ok := f.Params["retryAfterSeconds"].(int); ok {
		h.Set("Retry-After", strconv.Itoa(seconds))
	}
	w.WriteHeader(f.Status)
	body := map[string]any{
		"type": "about:blank", "title": http.StatusText(f.Status), "status": f.Status, "detail": f.Message, "code": f.Code,
	}
	if f.Params != nil {
		body["params"] = f.Params
	}
	if f.Details != nil {
		body["errors"] = f.Details
	}
	_ = json.NewEncoder(w).Encode(body) // the client may have gone
}
