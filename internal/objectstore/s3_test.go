package objectstore_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"parley/internal/objectstore"
)

// TestS3PutAgain has a server refuse objects as MinIO does whose folder goes away at that moment.
func TestS3PutAgain(t *testing.T) {
	for name, c := range map[string]struct {
		reader   io.Reader
		refusals int32
		stored   bool
		attempts int32
	}{
		"accepted":                 {strings.NewReader("content"), 0, true, 1},
		"refused for a moment":     {strings.NewReader("content"), 2, true, 3},
		"refused for good":         {strings.NewReader("content"), 1000, false, 5},
		"what cannot be read anew": {io.LimitReader(strings.NewReader("content"), 7), 1, false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			var attempts atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodPut {
					return // the bucket is there
				}
				body, _ := io.ReadAll(r.Body)
				if !strings.Contains(string(body), "content") {
					t.Errorf("attempt %d sent %q", attempts.Load()+1, body)
				}
				if attempts.Add(1) <= c.refusals {
					w.WriteHeader(http.StatusForbidden)
					_, _ = io.WriteString(w, "<Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>")
				}
			}))
			defer server.Close()
			store, err := objectstore.OpenS3(t.Context(), objectstore.S3Config{
				Endpoint: server.URL, Bucket: "bucket", AccessKey: "a", SecretKey: "b", PathStyle: true,
			})
			if err != nil {
				t.Fatal(err)
			}
			defer store.Close()
			_, err = store.Put(t.Context(), "key", objectstore.Content{Reader: c.reader, Size: 7})
			if (err == nil) != c.stored || attempts.Load() != c.attempts {
				t.Errorf("%v after %d attempts", err, attempts.Load())
			}
		})
	}
}
