package server

import (
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"

	"parley/internal/fault"
	"parley/internal/origin"
)

// policy is the Content-Security-Policy of everything but the page, which adds a nonce for its styles. "ws:" and
// "wss:" of our own host are named because 'self' does not cover them in every browser.
func policy(host, nonce string) string {
	style := "'self'"
	if nonce != "" {
		style += " 'nonce-" + nonce + "'"
	}
	connect := "'self'"
	if host != "" {
		connect += " ws://" + host + " wss://" + host
	}
	return strings.Join([]string{
		"default-src 'self'",
		"script-src 'self'",
		"style-src " + style,
		"img-src 'self' data: blob:",
		"media-src 'self' blob:",
		"font-src 'self'",
		"connect-src " + connect,
		"worker-src 'self' blob:",
		"manifest-src 'self'",
		"frame-src 'none'",
		"frame-ancestors 'none'",
		"object-src 'none'",
		"base-uri 'none'",
		"form-action 'self'",
	}, "; ")
}

// policyHost is the host of a request if it may stand in a policy: net/http lets ";" and "," through.
func policyHost(r *http.Request) string {
	for _, c := range r.Host {
		isPlain := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune(".-:[]", c)
		if !isPlain {
			return ""
		}
	}
	return r.Host
}

func securityHeaders(next http.Handler, hsts bool) http.Handler {
	fixed := map[string]string{
		"X-Content-Type-Options":       "nosniff",
		"X-Frame-Options":              "DENY",
		"Referrer-Policy":              "same-origin",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self), speaker-selection=(self), " +
			"fullscreen=(self), picture-in-picture=(self), screen-wake-lock=(self), autoplay=(self), clipboard-write=(self), " +
			"geolocation=(), payment=(), usb=(), serial=(), hid=(), midi=()",
	}
	if hsts {
		fixed["Strict-Transport-Security"] = "max-age=31536000"
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		for name, value := range fixed {
			header.Set(name, value)
		}
		header.Set("Content-Security-Policy", policy(policyHost(r), ""))
		next.ServeHTTP(w, r)
	})
}

// originCheck refuses what another site makes a browser send: requests that change state, and WebSockets, whose
// handshake is a GET with cookies. Programs, which send neither Origin nor Sec-Fetch-Site, pass.
type originCheck struct {
	pages      *origin.Check
	protection *http.CrossOriginProtection
}

func newOriginCheck(publicURL string) (*originCheck, error) {
	pages, err := origin.New(publicURL)
	if err != nil {
		return nil, err
	}
	public, err := url.Parse(publicURL)
	if err != nil {
		return nil, err
	}
	c := &originCheck{pages: pages, protection: http.NewCrossOriginProtection()}
	if err := c.protection.AddTrustedOrigin(public.Scheme + "://" + public.Host); err != nil {
		return nil, err
	}
	c.protection.SetDenyHandler(http.HandlerFunc(refuseOrigin))
	return c, nil
}

func refuseOrigin(w http.ResponseWriter, _ *http.Request) {
	writeProblem(w, fault.New(fault.CrossOrigin))
}

func (c *originCheck) wrap(next http.Handler) http.Handler {
	protected := c.protection.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.EqualFold(r.Header.Get("Upgrade"), "websocket") && !c.pages.Same(r) {
			refuseOrigin(w, r)
			return
		}
		protected.ServeHTTP(w, r)
	})
}

// recovering ends the request of a handler that panicked, and nothing else.
func recovering(next http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler {
				panic(v)
			}
			log.Error("handler panicked", "panic", v, "stack", string(debug.Stack()))
			writeProblem(w, fault.New(fault.Internal))
		}()
		next.ServeHTTP(w, r)
	})
}
