package ydoc

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"sync"
	"testing"
)

// oracle is a Node.js process that runs the npm package yjs (testdata/oracle.cjs).
type oracle struct {
	mu  sync.Mutex
	in  io.Writer
	out *bufio.Reader
}

// newOracle starts one. Without Node.js or the packages of web/ a test fails: conformance is never skipped.
func newOracle(t testing.TB) *oracle {
	t.Helper()
	cmd := exec.Command("node", "testdata/oracle.cjs")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var complaints syncBuffer
	cmd.Stderr = &complaints
	if err := cmd.Start(); err != nil {
		t.Fatalf("the conformance tests need Node.js: %v", err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("oracle: %v (npm ci in web/ installs yjs)\n%s", err, complaints.String())
		}
	})
	return &oracle{in: in, out: bufio.NewReaderSize(out, 1<<20)}
}

type syncBuffer struct {
	mu   sync.Mutex
	data []byte
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.data = append(b.data, p...)
	return len(p), nil
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.data)
}

func (o *oracle) ask(t testing.TB, request map[string]any, result any) {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	b, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.in.Write(append(b, '\n')); err != nil {
		t.Fatalf("oracle: %v", err)
	}
	line, err := o.out.ReadBytes('\n')
	if err != nil {
		t.Fatalf("oracle: %v", err)
	}
	reply := struct {
		Result any
		Error  string
	}{Result: result}
	if err := json.Unmarshal(line, &reply); err != nil {
		t.Fatal(err)
	}
	if reply.Error != "" {
		t.Fatalf("oracle: %s", reply.Error)
	}
}

// reading is what a document shows of the four roots that scenarios write to.
type reading struct {
	Map         any               `json:"map"`
	Array       any               `json:"array"`
	Text        string            `json:"text"`
	Delta       any               `json:"delta"`
	XML         string            `json:"xml"`
	StateVector map[string]uint64 `json:"stateVector"`
	Pending     bool              `json:"pending"`
}

func read(d *Doc) reading {
	r := reading{
		Map: plain(d.Root("map").Map()), Array: plain(d.Root("array").Array()), Text: d.Root("text").Text(),
		XML: d.Root("xml").XML(XMLFragment), StateVector: map[string]uint64{}, Pending: d.Pending(),
	}
	ops := []any{}
	for _, op := range d.Root("text").Delta() {
		ops = append(ops, map[string]any{"insert": plain(op.Insert), "attributes": plain(op.Attributes)})
	}
	r.Delta = ops
	for client, clock := range d.StateVector() {
		r.StateVector[strconv.FormatUint(client, 10)] = clock
	}
	return r
}

// plain is the counterpart of plain in oracle.cjs.
func plain(v any) any {
	switch v := v.(type) {
	case int64:
		return map[string]any{"$bigint": strconv.FormatInt(v, 10)}
	case []byte:
		return map[string]any{"$bytes": base64.StdEncoding.EncodeToString(v)}
	case Subdocument:
		return map[string]any{"$doc": v.GUID}
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = plain(e)
		}
		return list
	case map[string]any:
		m := make(map[string]any, len(v))
		for k, e := range v {
			m[k] = plain(e)
		}
		return m
	case float64, string, bool, nil:
		return v
	}
	panic(fmt.Sprintf("value of type %T", v))
}

// String writes the reading so that equal ones are the same text.
func (r reading) String() string {
	b, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(b)
}
