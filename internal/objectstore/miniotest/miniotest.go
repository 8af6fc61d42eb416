// Package miniotest runs the pinned MinIO of internal/tools/minio for a test. The binary is the one that
// PARLEY_TEST_MINIO names, or .build/minio in the clone, which is built when it is missing (minutes, once).
package miniotest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The account of the server.
const (
	User     = "parley"
	Password = "only-for-tests"
)

// Start runs a server until the test ends and answers its URL.
func Start(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary(t), "server", "--quiet", "--address", address, t.TempDir())
	cmd.Env = append(os.Environ(), "MINIO_ROOT_USER="+User, "MINIO_ROOT_PASSWORD="+Password, "MINIO_BROWSER=off", "MINIO_UPDATE=off")
	cmd.Stdout, cmd.Stderr = t.Output(), t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(cmd.Process.Signal(syscall.SIGTERM), cmd.Wait()); err != nil {
			t.Log("minio:", err)
		}
	})
	waitReady(t, "http://"+address)
	return "http://" + address
}

func waitReady(t *testing.T, url string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Second}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if resp, err := client.Get(url + "/minio/health/ready"); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatal("minio does not become ready")
		}
	}
}

// binary answers PARLEY_TEST_MINIO or the clone's build, which it makes if it is missing (minutes).
func binary(t *testing.T) string {
	t.Helper()
	if file := os.Getenv("PARLEY_TEST_MINIO"); file != "" {
		return file
	}
	root := moduleRoot(t)
	file := filepath.Join(root, ".build", "minio")
	if _, err := os.Stat(file); err == nil {
		return file
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	lock, err := os.OpenFile(file+".lock", os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); err == nil {
		return file
	}
	t.Log("building MinIO, which takes minutes the first time")
	build := exec.CommandContext(context.Background(), "go", "build", "-C", filepath.Join(root, "internal", "tools", "minio"),
		"-o", file, "github.com/minio/minio")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build minio: %v\n%s", err, out)
	}
	return file
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
