package objectstore_test

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

const (
	minioUser     = "parley"
	minioPassword = "only-for-tests"
)

// startMinIO runs the pinned server of internal/tools/minio until the test ends and answers its URL.
func startMinIO(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(minioBinary(t), "server", "--quiet", "--address", address, t.TempDir())
	cmd.Env = append(os.Environ(), "MINIO_ROOT_USER="+minioUser, "MINIO_ROOT_PASSWORD="+minioPassword, "MINIO_BROWSER=off", "MINIO_UPDATE=off")
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

// minioBinary answers PARLEY_TEST_MINIO or the clone's build, which it makes if it is missing (minutes).
func minioBinary(t *testing.T) string {
	t.Helper()
	if binary := os.Getenv("PARLEY_TEST_MINIO"); binary != "" {
		return binary
	}
	root := moduleRoot(t)
	binary := filepath.Join(root, ".build", "minio")
	if _, err := os.Stat(binary); err == nil {
		return binary
	}
	if err := os.MkdirAll(filepath.Dir(binary), 0o755); err != nil {
		t.Fatal(err)
	}
	lock, err := os.OpenFile(binary+".lock", os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(binary); err == nil {
		return binary
	}
	t.Log("building MinIO, which takes minutes the first time")
	build := exec.CommandContext(context.Background(), "go", "build", "-C", filepath.Join(root, "internal", "tools", "minio"),
		"-o", binary, "github.com/minio/minio")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build minio: %v\n%s", err, out)
	}
	return binary
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
