package whip

import (
	"context"
	"net/http"
	"time"
	"unicode/utf8"

	"parley/internal/fault"
	"parley/internal/names"
	"parley/signaling/room"
	"parley/signaling/wire"
)

// lobbyRetry is when a program that waits in the lobby should ask again.
const lobbyRetry = 5 * time.Second

// request is what a program asks for when it starts.
type request struct {
	name    string
	watches string // of a viewer
	offer   string
	tracks  []wire.PublishTrack // of an ingest
}

// start answers POST: an offer becomes a participant.
func (s *Server) start(kind wire.ParticipantKind) func(http.ResponseWriter, *http.Request) error {
	right, base := RightPublish, "/whip/sessions/"
	if kind == wire.KindViewer {
		right, base = RightWatch, "/whep/sessions/"
	}
	return func(w http.ResponseWriter, r *http.Request) error {
		grant, err := s.authorize(r)
		switch {
		case err != nil:
			return err
		case grant.Right != right || grant.Code != r.PathValue("code"):
			return fault.Forbidden
		}
		if err := take(s.starts, grant.TokenID); err != nil {
			return err
		}
		asked, err := readRequest(w, r, kind, grant)
		if err != nil {
			return err
		}
		p := newProgram(s, kind, grant)
		p.token, _ = bearer(r)
		answer, err := p.begin(r.Context(), asked)
		if err != nil {
			return err
		}
		if err := s.stillGood(r.Context(), p); err != nil {
			return err
		}
		h := w.Header()
		h.Set("Content-Type", typeSDP)
		h.Set("Cache-Control", "no-store")
		h.Set("Location", base+p.id)
		h.Set("ETag", p.etag)
		h.Set("Accept-Patch", typeFragment)
		for _, link := range iceLinks(s.opts.Meetings.ICEServers(p.participant)) {
			h.Add("Link", link)
		}
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte(answer)) // a program that does not get it never connects
		s.log.Info("program started", "kind", kind, "meeting", grant.MeetingID, "participant", p.participant, "token", grant.TokenID)
		return nil
	}
}

func readRequest(w http.ResponseWriter, r *http.Request, kind wire.ParticipantKind, grant Grant) (asked request, err error) {
	query := r.URL.Query()
	asked.name, asked.watches = grant.Name, r.PathValue("participant")
	if given := query.Get("name"); given != "" {
		if asked.name, err = names.Clean(given); err != nil || utf8.RuneCountInString(asked.name) > wire.MaxNameRunes {
			return asked, fault.NameInvalid
		}
	}
	source, err := sourceOf(query.Get("source"))
	if err != nil {
		return asked, err
	}
	if asked.offer, err = readBody(w, r, typeSDP, MaxOfferBytes); err != nil {
		return asked, err
	}
	sections, err := readOffer(asked.offer)
	if err != nil || kind == wire.KindViewer {
		return asked, err
	}
	asked.tracks, err = tracksOf(sections, source)
	return asked, err
}

// begin brings the program into the room and negotiates its media. When that fails it leaves.
func (p *program) begin(ctx context.Context, asked request) (answer string, err error) {
	p.place, err = p.server.opts.Meetings.Join(ctx, p.grant.MeetingID, p, p.entry(asked.name, asked.watches))
	if err != nil {
		return "", err
	}
	if err := p.wait(ctx); err != nil {
		return "", err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.offer = asked.offer
	if p.kind == wire.KindViewer {
		answer, err = p.watch(ctx)
	} else {
		answer, err = p.publish(ctx, asked.tracks)
	}
	if err == nil && !p.server.know(p) {
		err = fault.Unavailable
	}
	if err != nil {
		p.leave(ctx)
		return "", err
	}
	return answer, nil
}

// wait keeps a program that must wait in the lobby for a moment. Its place there is kept a while longer, so that it comes in
// with a later request once somebody let it in.
func (p *program) wait(ctx context.Context) error {
	select {
	case <-p.admitted:
		return nil
	default:
	}
	timer := time.NewTimer(p.server.opts.LobbyWait)
	defer timer.Stop()
	select {
	case <-p.admitted:
		return nil
	case <-p.over:
		return fault.RemovedFromMeeting
	case <-timer.C:
	case <-ctx.Done():
	}
	p.place.Room.Disconnect(p.participant, p.conn)
	return fault.WaitingInLobby.With(map[string]any{"retryAfterSeconds": int(lobbyRetry.Seconds())})
}

// publish negotiates an ingest's tracks. What the room or the media layer refuses in part is refused whole.
func (p *program) publish(ctx context.Context, tracks []wire.PublishTrack) (string, error) {
	plan, err := p.place.Room.PlanPublish(ctx, p.participant, p.conn, tracks, newID)
	if err != nil {
		return "", err
	}
	if len(plan.Refused) > 0 {
		return "", fault.Code(plan.Refused[0].Code)
	}
	answer, codecs, err := p.place.Media.Publish(ctx, p.participant, p.offer, plan)
	if err != nil {
		return "", err
	}
	for _, codec := range codecs {
		if codec == "" {
			return "", fault.SDPInvalid
		}
	}
	err = p.place.Room.CommitPublish(ctx, p.participant, room.Negotiated{Plan: plan, SDP: answer, Codecs: codecs})
	return answer, err
}

func (p *program) watch(ctx context.Context) (string, error) {
	answer, sections, err := p.place.Media.Watch(ctx, p.participant, p.offer)
	if err != nil {
		return "", err
	}
	return answer, p.place.Room.Watch(ctx, p.participant, p.conn, sections)
}
