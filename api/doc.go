// Package api carries the REST API: routing, authentication, access, limits,
// errors and the OpenAPI document. It knows no domain; each domain lives in a
// sub-package and registers its operations here, and cmd/parley brings them
// together:
//
//	a := api.New(api.Config{Authenticate: people.Authenticate, Log: log})
//	identity.Register(a, people)
//	directory.Register(a, departments)
//	server.Handle("/api/", a)
//
// # Adding operations
//
// A domain exports Register(a *api.API, svc *Service) and names each
// operation, its access and the faults that it may answer with:
//
//	api.Register(a, api.Operation{
//		ID: "createMeeting", Method: http.MethodPost, Path: "/meetings",
//		Tag: "meetings", Summary: "Start a meeting now or schedule one",
//		Access: api.Needs(authz.CreateMeetings),
//		Faults: []fault.Code{fault.PersonNotFound},
//	}, svc.createMeeting)
//
// The handler is func(context.Context, *Input) (*Output, error) as huma
// describes it: path, query and header parameters and Body are fields of the
// input with validation in their tags; Body, headers and an optional Status
// are fields of the output. svc is nil when only the document is made, so
// Register may take method values of it but must not call any.
//
//   - Path has no prefix; it is served below /api/v1.
//   - ID is lower camel case and stable: it names a function of the generated
//     TypeScript client. Body types name its types, so give them names.
//   - Access is [Needs] an action of the permission table, or [Public]. There
//     is no default: an operation without it is refused when the program
//     starts. The table knows about guests and token scopes; rules that depend
//     on a row are the domain's, in its queries.
//   - authz.From(ctx) says who asks; [ClientFrom] says from where.
//   - Errors are codes and faults of internal/fault, returned as they are;
//     anything else becomes internal and is logged here, so do not log it too.
//   - Bodies are limited to 64 KiB unless MaxBodyBytes says otherwise.
//   - Slices in outputs are never nil; arrays are not nullable in the document.
//
// WebSockets, downloads and whatever else is no JSON go through [HandleHTTP]
// with the same Operation; the principal is in the request's context there
// too.
package api
