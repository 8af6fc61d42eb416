package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"parley/sfu"
)

// meeting is an SFU with three clients, one of them behind a link.
type meeting struct {
	link             *link
	sfu              *sfu.SFU
	maya, kenji, ana *client
}

const connectTime = 20 * time.Second

func newMeeting(ctx context.Context, netem string) (*meeting, error) {
	m := &meeting{}
	if err := m.begin(ctx, netem); err != nil {
		m.close()
		return nil, err
	}
	return m, nil
}

func (m *meeting) begin(ctx context.Context, netem string) error {
	var err error
	if m.link, err = newLink(ctx, netem); err != nil {
		return err
	}
	if m.sfu, err = sfu.New(sfu.Config{UDPAddr: m.link.host + ":0", TCPAddr: "off"}, slog.New(slog.DiscardHandler), nil); err != nil {
		return err
	}
	far, err := m.link.farEnd()
	if err != nil {
		return err
	}
	if m.maya, err = newClient(m.sfu, "maya", nil); err != nil {
		return err
	}
	if m.kenji, err = newClient(m.sfu, "kenji", far); err != nil {
		return err
	}
	if m.ana, err = newClient(m.sfu, "ana", nil); err != nil {
		return err
	}
	for _, c := range []*client{m.maya, m.kenji} {
		if err := c.publish(ctx); err != nil {
			return err
		}
	}
	m.maya.watch(m.kenji)
	m.kenji.watch(m.maya)
	m.ana.watch(m.maya)
	ctx, cancel := context.WithTimeoutCause(ctx, connectTime, errors.New("pictures do not flow"))
	defer cancel()
	for !m.maya.watching(m.kenji).flows() || !m.kenji.watching(m.maya).flows() || !m.ana.watching(m.maya).flows() {
		if err := wait(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

func (m *meeting) close() {
	for _, c := range []*client{m.ana, m.kenji, m.maya} {
		if c != nil {
			c.close()
		}
	}
	if m.sfu != nil {
		_ = m.sfu.Close()
	}
	if m.link != nil {
		_ = m.link.close()
	}
}
