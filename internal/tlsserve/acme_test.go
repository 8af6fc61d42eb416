package tlsserve

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// authority is a certificate authority that speaks as much ACME (RFC 8555) as one HTTP challenge needs. It takes
// signatures on trust, but looks at the challenge's answer.
type authority struct {
	server  *httptest.Server
	key     *ecdsa.PrivateKey
	root    *x509.Certificate
	httpURL string // where port 80 of every domain is

	mu    sync.Mutex
	ready bool // guarded by mu; the challenge was answered
	chain []byte
	tried int
}

const challengeToken = "a-token-of-the-authority"

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	root, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{key: key, root: root}
	mux := http.NewServeMux()
	mux.HandleFunc("/directory", a.directory)
	mux.HandleFunc("/nonce", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/account", a.account)
	mux.HandleFunc("/order", a.order)
	mux.HandleFunc("/authorization", a.authorization)
	mux.HandleFunc("/challenge", a.challenge)
	mux.HandleFunc("/finalize", a.finalize)
	mux.HandleFunc("/certificate", a.certificate)
	a.server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Replay-Nonce", rand.Text())
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(a.server.Close)
	return a
}

func (a *authority) answer(w http.ResponseWriter, code int, location string, body any) {
	w.Header().Set("Content-Type", "application/json")
	if location != "" {
		w.Header().Set("Location", a.server.URL+location)
	}
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(body)
}

func (a *authority) directory(w http.ResponseWriter, _ *http.Request) {
	a.answer(w, 200, "", map[string]string{
		"newNonce": a.server.URL + "/nonce", "newAccount": a.server.URL + "/account", "newOrder": a.server.URL + "/order",
	})
}

func (a *authority) account(w http.ResponseWriter, _ *http.Request) {
	a.answer(w, 201, "/account/1", map[string]any{"status": "valid"})
}

func (a *authority) orderState() map[string]any {
	a.mu.Lock()
	defer a.mu.Unlock()
	order := map[string]any{
		"status": "pending", "identifiers": []any{map[string]string{"type": "dns", "value": "meet.example.com"}},
		"authorizations": []string{a.server.URL + "/authorization"}, "finalize": a.server.URL + "/finalize",
	}
	if a.ready {
		order["status"] = "ready"
	}
	if a.chain != nil {
		order["status"], order["certificate"] = "valid", a.server.URL+"/certificate"
	}
	return order
}

func (a *authority) order(w http.ResponseWriter, _ *http.Request) {
	a.answer(w, 201, "/order", a.orderState())
}

func (a *authority) state() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ready {
		return "valid"
	}
	return "pending"
}

func (a *authority) challengeState() map[string]any {
	return map[string]any{"type": "http-01", "url": a.server.URL + "/challenge", "token": challengeToken, "status": a.state()}
}

func (a *authority) authorization(w http.ResponseWriter, _ *http.Request) {
	a.answer(w, 200, "", map[string]any{
		"status": a.state(), "identifier": map[string]string{"type": "dns", "value": "meet.example.com"},
		"challenges": []any{a.challengeState()},
	})
}

func (a *authority) challenge(w http.ResponseWriter, _ *http.Request) {
	req, err := http.NewRequest("GET", a.httpURL+"/.well-known/acme-challenge/"+challengeToken, nil)
	if err != nil {
		panic(err)
	}
	req.Host = "meet.example.com"
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err == nil {
		text, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		a.mu.Lock()
		a.ready = strings.HasPrefix(string(text), challengeToken+".")
		a.tried++
		a.mu.Unlock()
	}
	a.answer(w, 200, "", a.challengeState())
}

func (a *authority) finalize(w http.ResponseWriter, r *http.Request) {
	var envelope struct{ Payload string }
	var payload struct{ CSR string }
	json.NewDecoder(r.Body).Decode(&envelope)
	text, _ := base64.RawURLEncoding.DecodeString(envelope.Payload)
	json.Unmarshal(text, &payload)
	der, _ := base64.RawURLEncoding.DecodeString(payload.CSR)
	request, err := x509.ParseCertificateRequest(der)
	if err != nil {
		http.Error(w, err.Error(), 400)
		return
	}
	leaf, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: request.DNSNames, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}, a.root, request.PublicKey, a.key)
	if err != nil {
		http.Error(w, err.Error(), 400)
		return
	}
	a.mu.Lock()
	a.chain = append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf}),
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.root.Raw})...)
	a.mu.Unlock()
	a.answer(w, 200, "/order", a.orderState())
}

func (a *authority) certificate(w http.ResponseWriter, _ *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	w.Header().Set("Content-Type", "application/pem-certificate-chain")
	w.Write(a.chain)
}

func TestACME(t *testing.T) {
	ca := newAuthority(t)
	rootFile := filepath.Join(t.TempDir(), "root.pem")
	roots := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.server.Certificate().Raw})
	if err := os.WriteFile(rootFile, roots, 0o600); err != nil {
		t.Fatal(err)
	}
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	secure, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer secure.Close()
	ca.httpURL = "http://" + plain.Addr().String()
	served := newTLS(t, Config{
		Mode: ACME, Dir: t.TempDir(), Domains: []string{"meet.example.com"}, PublicURL: "https://meet.example.com",
		Directory: ca.server.URL + "/directory", RootFile: rootFile,
		HTTPAddress: plain.Addr().String(), HTTPSAddress: secure.Addr().String(),
	})
	redirect := &http.Server{Handler: served.RedirectHandler()}
	done := make(chan error, 1)
	go func() { done <- redirect.Serve(plain) }()
	defer func() {
		redirect.Close()
		<-done
	}()
	hello := &tls.ClientHelloInfo{
		ServerName: "meet.example.com", SupportedVersions: []uint16{tls.VersionTLS13},
		SignatureSchemes: []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256}, CipherSuites: []uint16{tls.TLS_AES_128_GCM_SHA256},
	}
	hello.Conn, _ = net.Pipe()
	defer hello.Conn.Close()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		cert, err := served.TLSConfig().GetCertificate(hello)
		if err == nil && cert != nil {
			if cert.Leaf.VerifyHostname("meet.example.com") != nil || cert.Leaf.Issuer.CommonName != "test authority" {
				t.Errorf("certificate of %v by %v", cert.Leaf.DNSNames, cert.Leaf.Issuer)
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("no certificate: ", err, fmt.Sprintf(" after %d challenges", ca.tried))
		}
	}
	resp, err := (&http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}).Get(ca.httpURL + "/m/abc")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.Header.Get("Location") != "https://meet.example.com/m/abc" {
		t.Errorf("plain HTTP answers %s to %s", resp.Status, resp.Header.Get("Location"))
	}
}
