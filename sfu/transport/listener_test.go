package transport

import (
	"errors"
	"net"
	"syscall"
	"testing"
	"testing/synctest"
)

// script is a listener that answers what it is told to.
type script struct {
	net.Listener
	answers []error // nil is a connection
	closed  int
	host    net.IP
}

func (s *script) Accept() (net.Conn, error) {
	if len(s.answers) == 0 {
		return nil, net.ErrClosed
	}
	err := s.answers[0]
	s.answers = s.answers[1:]
	if err != nil {
		return nil, err
	}
	return &scripted{script: s, from: &net.TCPAddr{IP: s.host, Port: 1}}, nil
}

type scripted struct {
	net.Conn
	script *script
	from   net.Addr
}

func (c *scripted) RemoteAddr() net.Addr { return c.from }
func (c *scripted) Close() error         { c.script.closed++; return nil }

func TestAcceptOutlivesErrorsThatPass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := &net.OpError{Op: "accept", Err: syscall.EMFILE}
		l := guard(&script{answers: []error{full, full, syscall.ECONNABORTED, nil}}, nil)
		if c, err := l.Accept(); err != nil || c == nil {
			t.Fatalf("%v, %v", c, err)
		}
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("closed: %v", err)
		}
	})
}

func TestOneHostDoesNotTakeAllConnections(t *testing.T) {
	s := &script{host: net.IPv4(192, 0, 2, 1), answers: make([]error, maxTCPConnsPerHost)}
	l := guard(s, nil)
	var last net.Conn
	for range maxTCPConnsPerHost {
		var err error
		if last, err = l.Accept(); err != nil {
			t.Fatal(err)
		}
	}
	s.answers = make([]error, 1)
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) || s.closed != 1 {
		t.Fatalf("one too many: %v, %d closed", err, s.closed)
	}
	s.host, s.answers = net.IPv4(192, 0, 2, 2), make([]error, 1)
	if _, err := l.Accept(); err != nil {
		t.Errorf("another host: %v", err)
	}
	_, _ = last.Close(), last.Close()
	s.host, s.answers = net.IPv4(192, 0, 2, 1), make([]error, 2)
	if _, err := l.Accept(); err != nil {
		t.Errorf("a place that is free again: %v", err)
	}
	if _, err := l.Accept(); err == nil {
		t.Error("closing twice freed two places")
	}
}
