package whip

import (
	"context"
	"net/http"

	"parley/internal/fault"
	"parley/signaling/wire"
)

// change answers PATCH and DELETE of a session.
func (s *Server) change(kind wire.ParticipantKind) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		grant, err := s.authorize(r)
		if err != nil {
			return err
		}
		p, ok := s.find(r.PathValue("id"), kind)
		switch {
		case !ok:
			return fault.NotFound
		case p.grant.TokenID != grant.TokenID:
			return fault.Forbidden
		}
		if err := take(s.changes, p.id); err != nil {
			return err
		}
		w.Header().Set("Cache-Control", "no-store")
		if r.Method == http.MethodDelete {
			p.leave(r.Context())
			w.WriteHeader(http.StatusOK)
			return nil
		}
		return p.patch(w, r)
	}
}

// patch takes candidates, or restarts ICE when the fragment has other credentials than before (RFC 9725 section 4.3).
func (p *program) patch(w http.ResponseWriter, r *http.Request) error {
	text, err := readBody(w, r, typeFragment, MaxFragmentBytes)
	if err != nil {
		return err
	}
	f, err := readFragment(text)
	if err != nil {
		return err
	}
	condition := r.Header.Get("If-Match")
	if condition == "" {
		return fault.PreconditionRequired
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	restart := f.ufrag != "" && f.ufrag != ufragOf(p.offer)
	if condition != "*" && !matches(condition, p.etag) {
		return fault.PreconditionFailed
	}
	if restart {
		if err := take(p.server.restarts, p.id); err != nil {
			return err
		}
		return p.restart(w, r, f)
	}
	if err := p.trickle(r.Context(), f); err != nil {
		return err
	}
	w.Header().Set("ETag", p.etag)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (p *program) trickle(ctx context.Context, f fragment) error {
	for _, c := range f.candidates {
		c.Target, c.UsernameFragment = p.target(), f.ufrag
		if err := p.place.Media.Candidate(ctx, p.participant, &c); err != nil {
			return err
		}
	}
	return nil
}

func (p *program) target() wire.Target {
	if p.kind == wire.KindViewer {
		return wire.TargetSubscribe
	}
	return wire.TargetPublish
}

// restart negotiates the same media with new credentials. A program whose restart fails keeps its session.
func (p *program) restart(w http.ResponseWriter, r *http.Request, f fragment) error {
	ctx, offer := r.Context(), f.restarted(p.offer)
	var answer string
	var err error
	if p.kind == wire.KindViewer {
		answer, _, err = p.place.Media.Watch(ctx, p.participant, offer)
	} else {
		answer, err = p.republish(ctx, offer)
	}
	if err != nil {
		return err
	}
	p.offer, p.etag = offer, newETag()
	if err := p.trickle(ctx, f); err != nil {
		return err
	}
	w.Header().Set("Content-Type", typeFragment)
	w.Header().Set("ETag", p.etag)
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write([]byte(fragmentOf(answer))) // a program that does not get it restarts again
	return nil
}

func (p *program) republish(ctx context.Context, offer string) (string, error) {
	plan, err := p.place.Room.Published(ctx, p.participant, p.conn)
	if err != nil {
		return "", err
	}
	answer, _, err := p.place.Media.Publish(ctx, p.participant, offer, plan)
	return answer, err
}
