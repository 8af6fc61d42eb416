package config_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/config"
)

func file(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "parley.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestDefaults(t *testing.T) {
	cfg, err := config.Load("", []string{"HOME=/root", "PARLEY_LISTEN="})
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Listen != "127.0.0.1:8080" || cfg.PublicURL != "http://127.0.0.1:8080" || cfg.DataDir != "./data" {
		t.Errorf("have %+v", cfg)
	}
}

func TestFileThenEnvironment(t *testing.T) {
	name := file(t, `
listen: ":9000"
publicUrl: https://meet.example.com/
s3:
  endpoint: http://127.0.0.1:9000
  accessKey: fromFile
  secretKey: hidden
log: {level: warn, format: json}
iceServers:
  - urls: [turn:turn.example.com:3478]
    secret: shared
    ttl: 2h
`)
	cfg, err := config.Load("", []string{
		"PARLEY_CONFIG=" + name,
		"PARLEY_S3_ACCESS_KEY=fromEnvironment",
		"PARLEY_S3_PATH_STYLE=false",
		"PARLEY_TRUSTED_PROXIES=10.0.0.0/8, 127.0.0.1",
		"PARLEY_LIMITS_MAX_PARTICIPANTS=12",
		"PARLEY_LOG_LEVEL=debug",
		"PARLEY_TEST_MINIO=ignored",
	})
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Listen != ":9000" || cfg.PublicURL != "https://meet.example.com" {
		t.Errorf("listen %q, publicUrl %q", cfg.Listen, cfg.PublicURL)
	}
	if cfg.S3.AccessKey != "fromEnvironment" || cfg.S3.PathStyle || cfg.S3.Bucket != "parley" {
		t.Errorf("s3 %+v", cfg.S3)
	}
	if cfg.Log.Level != slog.LevelDebug || cfg.Log.Format != "json" || cfg.Limits.MaxParticipants != 12 {
		t.Errorf("log %+v, limits %+v", cfg.Log, cfg.Limits)
	}
	if !slices.Equal(cfg.TrustedProxies, []string{"10.0.0.0/8", "127.0.0.1"}) {
		t.Errorf("proxies %q", cfg.TrustedProxies)
	}
	if len(cfg.ICEServers) != 1 || cfg.ICEServers[0].TTL != 2*time.Hour {
		t.Errorf("ice servers %+v", cfg.ICEServers)
	}
}

func TestICEServersFromTheEnvironment(t *testing.T) {
	cfg, err := config.Load("", []string{`PARLEY_ICE_SERVERS=[{"urls": ["stun:stun.example.com"]}, {"urls": ["turn:t.example.com"], "secret": "s"}]`})
	if err != nil {
		t.Fatal(err)
	}
	if len(cfg.ICEServers) != 2 || cfg.ICEServers[1].Secret != "s" || cfg.ICEServers[1].TTL != 12*time.Hour {
		t.Errorf("have %+v", cfg.ICEServers)
	}
}

func TestMistakesAreNamed(t *testing.T) {
	for _, c := range []struct {
		name, yaml string
		env        []string
		want       []string
	}{
		{name: "unknown key", yaml: "lisen: :80", want: []string{`parley.yaml:1:1: unknown key "lisen"`, `did you mean "listen"?`}},
		{name: "unknown nested key", yaml: "s3:\n  acessKey: a\n  region: b", want: []string{`:2:3: unknown key "s3.acessKey"; did you mean "s3.accessKey"?`}},
		{name: "unknown key alone in its section", yaml: "database: {uri: a}", want: []string{`"database.uri"; did you mean "database.url"?`}},
		{name: "unknown key in a list", yaml: "iceServers:\n  - url: stun:a", want: []string{`"iceServers.url"; did you mean "iceServers.urls"?`}},
		{name: "nothing near", yaml: "zzzzzzzz: 1", want: []string{`unknown key "zzzzzzzz"`}},
		{name: "all unknown keys at once", yaml: "lisen: a\nlog: {levle: info}", want: []string{"listen", "log.level"}},
		{name: "unknown variable", env: []string{"PARLEY_DATABASE_URI=x"}, want: []string{"PARLEY_DATABASE_URI; did you mean PARLEY_DATABASE_URL?"}},
		{name: "wrong type", yaml: "limits: {maxParticipants: many}", want: []string{"many"}},
		{name: "wrong type in a variable", env: []string{"PARLEY_LIMITS_MAX_PARTICIPANTS=many"}, want: []string{"PARLEY_LIMITS_MAX_PARTICIPANTS", "many"}},
		{name: "log level", env: []string{"PARLEY_LOG_LEVEL=loud"}, want: []string{"PARLEY_LOG_LEVEL", "loud"}},
		{name: "address", yaml: "listen: 8080", want: []string{"listen", "8080"}},
		{name: "public url with a path", yaml: "publicUrl: https://example.com/parley", want: []string{"publicUrl"}},
		{name: "tls mode", yaml: "tls: {mode: on}", want: []string{"tls.mode"}},
		{name: "files without files", yaml: "tls: {mode: files}", want: []string{"certFile"}},
		{name: "acme without domains", yaml: "tls: {mode: acme}", want: []string{"acmeDomains"}},
		{name: "proxy", yaml: "trustedProxies: [office]", want: []string{"trustedProxies", "office"}},
		{name: "advertised address", yaml: "media: {advertisedIps: [example.com]}", want: []string{"media.advertisedIps"}},
		{name: "no microphone", yaml: "media: {maxMicrophones: 0}", want: []string{"media.maxMicrophones"}},
		{name: "too many microphones", env: []string{"PARLEY_MEDIA_MAX_MICROPHONES=33"}, want: []string{"media.maxMicrophones"}},
		{name: "camera codec", yaml: "media: {cameraCodec: VP7}", want: []string{"media.cameraCodec", "VP7"}},
		{name: "share codec", env: []string{"PARLEY_MEDIA_SHARE_CODEC=theora"}, want: []string{"media.shareCodec", "theora"}},
		{name: "s3 without keys", yaml: "s3: {endpoint: \"http://h\"}", want: []string{"accessKey"}},
		{name: "ice server", yaml: "iceServers: [{urls: [\"http://h\"]}]", want: []string{"iceServers[0]"}},
		{name: "not yaml", yaml: "a: [", want: []string{"parley.yaml"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			name := ""
			if c.yaml != "" {
				name = file(t, c.yaml)
			}
			_, err := config.Load(name, c.env)
			if err == nil {
				t.Fatal("accepted")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not name %q", err, want)
				}
			}
		})
	}
}

func TestSectionsWithoutValuesKeepTheirDefaults(t *testing.T) {
	for _, text := range []string{"# nothing", "", "log:\n  # level: debug\n", "log:\nadmin: {listen: }\nlisten:", "log:\n  format: json\n  level:\n"} {
		cfg, err := config.Load(file(t, text), nil)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if cfg.Log.Format == "" || cfg.Admin.Listen != "127.0.0.1:9464" {
			t.Errorf("%q: %+v", text, cfg)
		}
	}
}

func TestMissingFile(t *testing.T) {
	if _, err := config.Load("/nowhere/parley.yaml", nil); err == nil {
		t.Fatal("accepted")
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	cfg, err := config.Load("", []string{
		"PARLEY_DATABASE_URL=postgres://parley:hunter2@db/parley",
		"PARLEY_NATS_URL=nats://hunter2@bus:4222",
		"PARLEY_S3_ENDPOINT=http://s3", "PARLEY_S3_ACCESS_KEY=key", "PARLEY_S3_SECRET_KEY=hunter2",
		`PARLEY_ICE_SERVERS=[{"urls":["turn:t"],"username":"u","credential":"hunter2"},{"urls":["turn:t"],"secret":"hunter2"}]`,
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := cfg.YAML()
	if err != nil {
		t.Fatal(err)
	}
	for name, out := range map[string]string{"yaml": text, "%v": fmt.Sprintf("%+v", cfg), "%#v": fmt.Sprintf("%#v", cfg)} {
		if strings.Contains(out, "hunter2") {
			t.Errorf("%s tells a secret: %s", name, out)
		}
	}
	for _, want := range []string{"accessKey: key", "postgres://parley:redacted@db/parley", "secretKey:", "mode:"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	for url, want := range map[config.ConnectionURL]string{
		"":                                     "",
		"host=db password=hunter2":             "[redacted]",
		"postgres://db/parley?password=secret": "[redacted]",
		"postgres://db/parley?sslmode=disable": "postgres://db/parley?sslmode=disable",
		"nats://bus:4222":                      "nats://bus:4222",
	} {
		if have := url.String(); have != want {
			t.Errorf("%s, want %s", have, want)
		}
	}
}

func TestPublicURLAt(t *testing.T) {
	for _, c := range []struct {
		mode, address, want string
		domains             []string
	}{
		{mode: "off", address: "127.0.0.1:8080", want: "http://127.0.0.1:8080"},
		{mode: "off", address: "meet.local:80", want: "http://meet.local"},
		{mode: "off", address: "[::1]:80", want: "http://[::1]"},
		{mode: "self-signed", address: "10.0.0.5:443", want: "https://10.0.0.5"},
		{mode: "acme", address: ":8443", domains: []string{"meet.example.com"}, want: "https://meet.example.com:8443"},
	} {
		cfg := config.Default()
		cfg.TLS.Mode, cfg.TLS.ACMEDomains = c.mode, c.domains
		if have := cfg.PublicURLAt(c.address); have != c.want {
			t.Errorf("%s %s: %s, want %s", c.mode, c.address, have, c.want)
		}
	}
}
