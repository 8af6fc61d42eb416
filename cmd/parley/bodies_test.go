package main

import (
	"testing"

	"parley/api"
	"parley/internal/config"

	"github.com/danielgtaylor/huma/v2"
)

// TestBodiesFitTheServer holds the bound of the server above what any operation takes.
func TestBodiesFitTheServer(t *testing.T) {
	a := api.New(api.Config{})
	register(a, &domains{})
	largest := int64(0)
	for path, item := range a.Huma().OpenAPI().Paths {
		for _, o := range []*huma.Operation{item.Post, item.Put, item.Patch} {
			if o == nil {
				continue
			}
			largest = max(largest, o.MaxBodyBytes)
			if bound := config.Default().Limits.RequestBytes; o.MaxBodyBytes > bound {
				t.Errorf("%s takes %d bytes, the server %d", path, o.MaxBodyBytes, bound)
			}
		}
	}
	if largest <= 10<<20 {
		t.Errorf("the largest body is %d bytes", largest)
	}
}
