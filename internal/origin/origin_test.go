package origin

import (
	"net/http"
	"testing"
)

func TestSame(t *testing.T) {
	const public = "https://meet.example.com"
	for name, c := range map[string]struct {
		public, host string
		origin       []string
		want         bool
	}{
		"program":                      {public, "meet.example.com", nil, true},
		"own page":                     {public, "meet.example.com", []string{"https://meet.example.com"}, true},
		"own page in capitals":         {public, "meet.example.com", []string{"https://Meet.Example.COM"}, true},
		"public name behind a proxy":   {public, "10.0.0.5:8080", []string{"https://meet.example.com"}, true},
		"by the address of the server": {public, "10.0.0.5:8080", []string{"http://10.0.0.5:8080"}, true},
		"by IPv6":                      {public, "[fd00::5]:8080", []string{"http://[fd00::5]:8080"}, true},
		"without a public address":     {"", "10.0.0.5:8080", []string{"http://10.0.0.5:8080"}, true},
		"public host over plain HTTP":  {public, "meet.example.com", []string{"http://meet.example.com"}, false},
		"the same behind a proxy":      {public, "10.0.0.5:8080", []string{"http://meet.example.com"}, false},
		"other port":                   {public, "meet.example.com", []string{"https://meet.example.com:8443"}, false},
		"other site":                   {public, "meet.example.com", []string{"https://evil.example"}, false},
		"host below":                   {public, "meet.example.com", []string{"https://x.meet.example.com"}, false},
		"host that begins alike":       {public, "meet.example.com", []string{"https://meet.example.com.evil.example"}, false},
		"host as a user":               {public, "meet.example.com", []string{"https://meet.example.com@evil.example"}, false},
		"sandboxed page":               {public, "meet.example.com", []string{"null"}, false},
		"file":                         {public, "meet.example.com", []string{"file://"}, false},
		"no address":                   {public, "meet.example.com", []string{"https://meet .example.com"}, false},
		"nobody's page":                {"", "", []string{"null"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			check, err := New(c.public)
			if err != nil {
				t.Fatal(err)
			}
			r := &http.Request{Host: c.host, Header: http.Header{"Origin": c.origin}}
			if got := check.Same(r); got != c.want {
				t.Errorf("%t, want %t", got, c.want)
			}
		})
	}
	if _, err := New("https://meet.example.com:port"); err == nil {
		t.Error("a public address that is none is taken")
	}
}
