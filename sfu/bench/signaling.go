package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// The signaling between load and server: JSON over HTTP, as little as the two connections of a peer need.
type (
	publishRequest struct {
		ID       string             `json:"id"`
		Offer    string             `json:"offer"`
		Sections []publishedSection `json:"sections"`
	}
	publishedSection struct {
		MID   string `json:"mid"`
		Video bool   `json:"video"`
	}
	publishReply struct {
		Answer string `json:"answer"`
	}
	// subscribeRequest is for the peer of that id, or a new one; without Tracks it gets everything, all of it shown.
	subscribeRequest struct {
		ID     string   `json:"id"`
		Tracks []string `json:"tracks,omitempty"`
		View   []string `json:"view,omitempty"`
	}
	viewRequest struct {
		ID   string   `json:"id"`
		View []string `json:"view"`
	}
	leaveRequest struct {
		ID string `json:"id"`
	}
	subscribeReply struct {
		Number int    `json:"number"`
		Offer  string `json:"offer"`
	}
	answerRequest struct {
		ID     string `json:"id"`
		Number int    `json:"number"`
		Answer string `json:"answer"`
	}
)

// signaling is the load's side of it.
type signaling struct {
	base   string
	client http.Client
}

func (s *signaling) post(ctx context.Context, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	return s.do(ctx, http.MethodPost, path, body, out)
}

func (s *signaling) get(ctx context.Context, path string, out any) error {
	return s.do(ctx, http.MethodGet, path, nil, out)
}

// do sends a request; out is nil, a *[]byte for the body as it is, or what JSON is read into.
func (s *signaling) do(ctx context.Context, method, path string, body []byte, out any) error {
	request, err := http.NewRequestWithContext(ctx, method, s.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	reply, err := s.client.Do(request)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	defer func() { _ = reply.Body.Close() }()
	text, err := io.ReadAll(reply.Body)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if reply.StatusCode/100 != 2 {
		return fmt.Errorf("%s: %s: %s", path, reply.Status, strings.TrimSpace(string(text)))
	}
	switch out := out.(type) {
	case nil:
		return nil
	case *[]byte:
		*out = text
		return nil
	}
	return json.Unmarshal(text, out)
}
