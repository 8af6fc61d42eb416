package transport

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"testing"
)

func TestStreamSendsWholeFramesAndIsFoundByItsAddress(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := guard(l)
	t.Cleanup(func() { _ = g.Close() })
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	accepted, err := g.Accept()
	if err != nil {
		t.Fatal(err)
	}
	s := g.from(client.LocalAddr().(*net.TCPAddr).AddrPort())
	if s == nil || net.Conn(s) != accepted {
		t.Fatal("not found by its address")
	}
	if !s.Send([]byte("one")) || !s.Send(bytes.Repeat([]byte{2}, 1200)) {
		t.Fatal("not sent")
	}
	for _, want := range [][]byte{[]byte("one"), bytes.Repeat([]byte{2}, 1200)} {
		var size [2]byte
		if _, err := io.ReadFull(client, size[:]); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, binary.BigEndian.Uint16(size[:]))
		if _, err := io.ReadFull(client, got); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%d bytes, %v", len(got), err)
		}
	}
	// Nobody reads: the queue is bounded, and Close does not wait for it.
	packet, sent := make([]byte, 1200), 0
	for sent < 100_000 && s.Send(packet) {
		sent++
	}
	if sent == 100_000 {
		t.Error("the queue has no bound")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if s.Send(packet) || g.from(client.LocalAddr().(*net.TCPAddr).AddrPort()) != nil {
		t.Error("open after Close")
	}
}
