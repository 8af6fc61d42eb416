package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"parley/api"
	"parley/api/boards"
	"parley/api/chat"
	"parley/api/directory"
	"parley/api/events"
	"parley/api/identity"
	"parley/api/meetings"
	"parley/internal/postgres"
	"parley/signaling"
	"parley/signaling/whip"

	"github.com/google/uuid"
)

// modules are what the web client shows.
var modules = []string{"meetings", "boards", "directory"}

// domains are the parts of the API.
type domains struct {
	people    *identity.Service
	directory *directory.Service
	meetings  *meetings.Service
	chat      *chat.Service
	boards    *boards.Service
	documents *boardDocuments
	events    *events.Hub
	publisher *events.Publisher
	rooms     *runningRooms
	streams   *whip.Server // nil until meetings are open
	recorder  *meetings.Recorder
	history   *meetings.History

	meetingsConfig meetings.Config
	chatConfig     chat.Config
}

// openDomains makes the services and ties them to each other.
func (a *app) openDomains(ctx context.Context, s *storage) (*domains, error) {
	d := &domains{directory: directory.New(s.pool), rooms: &runningRooms{maxParticipants: a.cfg.Limits.MaxParticipants}}
	publisher := events.NewPublisher(s.bus, a.log.With("component", "events"))
	d.publisher = publisher
	var err error
	d.people, err = identity.New(identity.Config{
		PublicURL: a.cfg.PublicURL, Modules: modules,
		OnRevoked: func(userID, sessionID uuid.UUID) { publisher.Revoke(context.Background(), userID, sessionID) },
	}, s.pool, d.directory, s.store, a.log)
	if err != nil {
		return nil, err
	}
	d.meetingsConfig = meetings.Config{
		Pool: s.pool, People: meetingPeople{d.people}, Guests: d.people, Conversations: conversations{},
		Rooms: d.rooms, ChangeRoom: d.rooms.Change, StreamRevoked: d.rooms.StreamRevoked, Events: publisher, PublicURL: a.cfg.PublicURL, Log: a.log.With("component", "meetings"),
	}
	d.meetings = meetings.New(d.meetingsConfig)
	d.chatConfig = chat.Config{
		Pool: s.pool, People: chatPeople{d.people}, Meetings: meetingChats{d.meetings}, Events: publisher,
		Log: a.log.With("component", "chat"),
	}
	d.chat = chat.New(d.chatConfig)
	d.events, err = events.New(s.bus, events.Config{
		Authenticate: d.people.Authenticate, Follow: d.chat.Follow, OnRevoked: d.revoke, PublicURL: a.cfg.PublicURL, Registry: a.metrics,
		Log: a.log.With("component", "events"),
	})
	if err != nil {
		return nil, err
	}
	a.started("event streams", func(context.Context) error {
		d.events.Close()
		return nil
	})
	if err := a.startRecorder(ctx, d); err != nil {
		return nil, err
	}
	if err := a.openBoards(s, d); err != nil {
		return nil, err
	}
	s.jobs.Every("identity.clean", time.Hour, d.people.Clean)
	s.jobs.Every("boards.clean", time.Hour, d.boards.Clean)
	s.jobs.Every("boards.sweep", 5*time.Minute, d.documents.store.Sweep)
	s.jobs.Every("boards.cleanObjects", 24*time.Hour, d.boards.CleanObjects)
	if err := s.jobs.Start(ctx); err != nil {
		return nil, err
	}
	a.started("jobs", s.jobs.Close)
	return d, nil
}

func (a *app) startRecorder(ctx context.Context, d *domains) error {
	node, err := nodeName(a.cfg.DataDir)
	if err != nil {
		return err
	}
	d.recorder, err = meetings.NewRecorder(ctx, d.meetings, meetings.RecorderConfig{Node: node, Registry: a.metrics})
	if err != nil {
		return err
	}
	a.started("attendance recorder", func(context.Context) error {
		d.recorder.Close()
		return nil
	})
	if d.history, err = meetings.NewHistory(ctx, d.meetings, a.metrics); err != nil {
		return err
	}
	a.started("history of connections", func(context.Context) error {
		d.history.Close()
		return nil
	})
	return nil
}

// revoke takes people out of meetings and boards whose session ended; it is the event hub's OnRevoked.
func (d *domains) revoke(userID, sessionID uuid.UUID) {
	d.rooms.Revoke(userID, sessionID)
	if d.documents != nil {
		d.documents.recheckPerson("user:" + userID.String())
	}
}

// at answers the same domains with another clock, for meetings and messages of another day.
func (d *domains) at(now func() time.Time) *domains {
	other := *d
	other.meetingsConfig.Now, other.chatConfig.Now = now, now
	other.meetings = meetings.New(other.meetingsConfig)
	other.chatConfig.Meetings = meetingChats{other.meetings}
	other.chat = chat.New(other.chatConfig)
	return &other
}

// nodeName is this node's name for ever: it is kept in the data folder, which one node uses at a time.
func nodeName(dataDir string) (string, error) {
	file := filepath.Join(dataDir, "node")
	if text, err := os.ReadFile(file); err == nil && strings.TrimSpace(string(text)) != "" {
		return strings.TrimSpace(string(text)), nil
	}
	name := uuid.NewString()
	return name, os.WriteFile(file, []byte(name+"\n"), 0o600)
}

// register adds every operation of the API; without services only the document can be made of it.
func register(a *api.API, d *domains) {
	identity.Register(a, d.people)
	directory.Register(a, d.directory)
	meetings.Register(a, d.meetings)
	chat.Register(a, d.chat)
	events.Register(a, d.events)
	boards.Register(a, d.boards)
}

// handler is everything below /api/: the API and, beside it, signaling.
func handler(a *api.API, signal *signaling.Server) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(signaling.Path, signal)
	mux.Handle("/api/", a)
	return mux
}

// patterns are the routes of handler, for logs and metrics.
func patterns(a *api.API) []string {
	list := []string{signaling.Path, "GET /api/openapi.json"}
	for path, item := range a.Huma().OpenAPI().Paths {
		for method, operation := range map[string]any{
			http.MethodGet: item.Get != nil, http.MethodPost: item.Post != nil, http.MethodPut: item.Put != nil,
			http.MethodPatch: item.Patch != nil, http.MethodDelete: item.Delete != nil,
		} {
			if operation == true {
				list = append(list, method+" /api/v1"+path)
			}
		}
	}
	return list
}

// ticketKey signs resume tokens on all nodes, before and after a restart.
func ticketKey(ctx context.Context, s *storage) ([]byte, error) {
	return postgres.Secret(ctx, s.pool, "signaling.tickets")
}
