package config

import (
	"log/slog"
	"net/url"
)

const redacted = "[redacted]"

// Secret is never printed or logged.
type Secret string

func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// GoString keeps %#v from telling the secret.
func (s Secret) GoString() string { return s.String() }

// LogValue keeps the secret out of logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalYAML keeps the secret out of `parley config`.
func (s Secret) MarshalYAML() (any, error) { return s.String(), nil }

// ConnectionURL may hold a password, which is never printed or logged.
type ConnectionURL string

func (c ConnectionURL) String() string {
	if c == "" {
		return ""
	}
	u, err := url.Parse(string(c))
	if err != nil || u.Scheme == "" {
		return redacted
	}
	if query := u.Query(); query.Has("password") || query.Has("sslpassword") {
		return redacted
	}
	if u.User != nil {
		if _, has := u.User.Password(); has {
			u.User = url.UserPassword(u.User.Username(), "redacted")
		} else if u.Scheme == "nats" || u.Scheme == "tls" {
			u.User = url.User("redacted") // a NATS URL holds a token in the user's place
		}
	}
	return u.String()
}

// GoString keeps %#v from telling the password.
func (c ConnectionURL) GoString() string { return c.String() }

// LogValue keeps the password out of logs.
func (c ConnectionURL) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalYAML keeps the password out of `parley config`.
func (c ConnectionURL) MarshalYAML() (any, error) { return c.String(), nil }
