package server

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

// noncePlace stands in index.html where the response's nonce goes.
const noncePlace = "__CSP_NONCE__"

const notBuilt = "The web client is not part of this build: run `make build`.\n"

// encodings are the compressed forms that may lie beside a file, best first. Text without any is zipped at start.
var encodings = []struct{ name, suffix string }{{"br", ".br"}, {"gzip", ".gz"}}

// client serves the built web client. Files under /assets/ have their hash in their name and never change; all others
// are asked for again each time, most answered by 304. Pages that are no file are the client's own routes.
type client struct {
	files map[string]*asset // static; by path
	index []byte            // static; nil when the client was not built
}

// asset is a file with its compressed forms.
type asset struct {
	contentType string
	etag        string
	immutable   bool
	plain       []byte
	encoded     map[string][]byte
	open        func() (fs.File, error) // set for fonts, which are not held: those of boards alone are 13 MB
}

func newClient(dist fs.FS) (*client, error) {
	c := &client{files: map[string]*asset{}}
	err := fs.WalkDir(dist, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case entry.IsDir() || strings.HasPrefix(entry.Name(), "."):
			return nil
		default:
			return c.add(dist, name)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("web client: %w", err)
	}
	return c, nil
}

func (c *client) add(dist fs.FS, name string) error {
	for _, e := range encodings {
		if original, ok := strings.CutSuffix(name, e.suffix); ok {
			if _, err := fs.Stat(dist, original); err == nil {
				return nil
			}
		}
	}
	if path.Ext(name) == ".woff2" {
		return c.addFont(dist, name)
	}
	content, err := fs.ReadFile(dist, name)
	if err != nil {
		return err
	}
	if name == "index.html" {
		c.index = content
		return nil
	}
	sum := sha256.Sum256(content)
	a := &asset{
		contentType: contentType(name, content),
		etag:        hex.EncodeToString(sum[:12]),
		immutable:   strings.HasPrefix(name, "assets/"),
		plain:       content,
		encoded:     map[string][]byte{},
	}
	for _, e := range encodings {
		compressed, err := fs.ReadFile(dist, name+e.suffix)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		a.encoded[e.name] = compressed
	}
	if len(a.encoded) == 0 && worthCompressing(a) {
		if a.encoded["gzip"], err = zipped(content); err != nil {
			return err
		}
	}
	c.files["/"+name] = a
	return nil
}

// addFont adds a file that is read each time it is asked for.
func (c *client) addFont(dist fs.FS, name string) error {
	open := func() (fs.File, error) { return dist.Open(name) }
	file, err := open()
	if err != nil {
		return err
	}
	defer file.Close()
	if _, ok := file.(io.ReadSeeker); !ok {
		return fmt.Errorf("%s cannot be read from the middle", name)
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return err
	}
	c.files["/"+name] = &asset{
		contentType: contentType(name, nil),
		etag:        hex.EncodeToString(hash.Sum(nil)[:12]),
		immutable:   strings.HasPrefix(name, "assets/"),
		open:        open,
	}
	return nil
}

// worthCompressing holds for text of more than a packet.
func worthCompressing(a *asset) bool {
	isText := strings.HasPrefix(a.contentType, "text/") || strings.HasPrefix(a.contentType, "application/json") ||
		a.contentType == "image/svg+xml" || a.contentType == "application/wasm"
	return isText && len(a.plain) > 1400
}

func zipped(content []byte) ([]byte, error) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// contentType does not depend on the machine's own list for what the client consists of.
func contentType(name string, content []byte) string {
	switch path.Ext(name) {
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".json":
		return "application/json"
	case ".webmanifest":
		return "application/manifest+json"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".wasm":
		return "application/wasm"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return http.DetectContentType(content)
}

// ServeHTTP implements http.Handler.
func (c *client) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	a, ok := c.files[r.URL.Path]
	switch {
	case ok:
		a.serve(w, r)
	case r.URL.Path == "/" || r.URL.Path == "/index.html" || isNavigation(r):
		c.serveIndex(w, r)
	default:
		http.NotFound(w, r)
	}
}

// isNavigation tells a page that somebody opens from a file that a page misses. Firefox's service worker asks for a
// page in another mode than the one it answers, so Accept decides as well.
func isNavigation(r *http.Request) bool {
	if strings.HasPrefix(r.URL.Path, "/assets/") {
		return false
	}
	return r.Header.Get("Sec-Fetch-Mode") == "navigate" || strings.Contains(r.Header.Get("Accept"), "text/html")
}

func (c *client) serveIndex(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Cache-Control", "no-cache")
	if c.index == nil {
		http.Error(w, notBuilt, http.StatusServiceUnavailable)
		return
	}
	nonce := newNonce()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", policy(policyHost(r), nonce))
	page := bytes.ReplaceAll(c.index, []byte(noncePlace), []byte(nonce))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(page))
}

func newNonce() string {
	var b [16]byte
	rand.Read(b[:])
	return base64.RawStdEncoding.EncodeToString(b[:])
}

func (a *asset) serve(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", a.contentType)
	header.Set("Cache-Control", "no-cache")
	if a.immutable {
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body, etag := a.plain, a.etag
	if len(a.encoded) > 0 {
		header.Set("Vary", "Accept-Encoding")
	}
	for _, e := range encodings {
		if compressed, ok := a.encoded[e.name]; ok && accepts(r, e.name) {
			header.Set("Content-Encoding", e.name)
			body, etag = compressed, etag+"-"+e.name
			break
		}
	}
	header.Set("ETag", `"`+etag+`"`)
	if a.open == nil {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
		return
	}
	file, err := a.open()
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	defer file.Close()
	http.ServeContent(w, r, "", time.Time{}, file.(io.ReadSeeker))
}

// accepts reads Accept-Encoding (RFC 9110, section 12.5.3) as far as browsers write it.
func accepts(r *http.Request, encoding string) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), encoding) {
			weight = strings.ReplaceAll(weight, " ", "")
			return weight != "q=0" && !strings.HasPrefix(weight, "q=0.000")
		}
	}
	return false
}
