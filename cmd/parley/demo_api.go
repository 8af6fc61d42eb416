package main

import (
	"context"
	"net/http"

	"parley/api"
	"parley/api/directory"
	"parley/api/identity"
	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/google/uuid"
)

// demoPeople is how many of the sample company the log-in page shows.
const demoPeople = 50

// demoSignIn is the page that logs in as anyone of the sample company.
type demoSignIn struct{ domains *domains }

// DemoPeople is the answer of listDemoPeople.
type DemoPeople struct {
	Items []directory.Person `json:"items"`
}

// DemoSessionRequest names whom to be.
type DemoSessionRequest struct {
	UserID uuid.UUID `json:"userId"`
}

type demoSessionOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      identity.Me
}

// registerDemo adds what only a demo may have. The document describes it too, because the client is made of the
// document.
func registerDemo(a *api.API, d *domains) {
	s := &demoSignIn{d}
	api.Register(a, api.Operation{
		ID: "listDemoPeople", Method: http.MethodGet, Path: "/demo/people", Tag: "demo",
		Summary: "List the sample company", Description: "Only `parley demo` has it.", Access: api.Public(),
	}, s.listPeople)
	api.Register(a, api.Operation{
		ID: "openDemoSession", Method: http.MethodPost, Path: "/demo/sessions", Tag: "demo",
		Summary: "Sign in as anyone of the sample company", Description: "Only `parley demo` has it.", Access: api.Public(),
		Faults: []fault.Code{fault.NotFound},
	}, s.openSession)
}

func (s *demoSignIn) listPeople(ctx context.Context, _ *struct{}) (*struct{ Body DemoPeople }, error) {
	people, err := s.people(ctx)
	if err != nil {
		return nil, err
	}
	return &struct{ Body DemoPeople }{DemoPeople{Items: people}}, nil
}

func (s *demoSignIn) people(ctx context.Context) ([]directory.Person, error) {
	reader := authz.Principal{Kind: authz.User, Role: authz.Member, Locale: authz.From(ctx).Locale}
	people, _, err := s.domains.directory.People(ctx, reader, directory.PeopleQuery{Limit: demoPeople})
	return people, err
}

func (s *demoSignIn) openSession(ctx context.Context, in *struct{ Body DemoSessionRequest }) (*demoSessionOutput, error) {
	people, err := s.people(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		if p.ID != in.Body.UserID {
			continue
		}
		cookie, err := s.domains.people.OpenSession(ctx, p.ID, api.ClientFrom(ctx))
		if err != nil {
			return nil, err
		}
		me, err := s.domains.people.Me(ctx, authz.Principal{Kind: authz.User, UserID: p.ID, Role: p.Role, Name: p.Name})
		if err != nil {
			return nil, err
		}
		return &demoSessionOutput{SetCookie: cookie, Body: me}, nil
	}
	return nil, fault.NotFound
}
