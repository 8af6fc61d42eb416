package api

import (
	"fmt"

	"parley/internal/authz"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// Access says who may call an operation. The zero value is no declaration and
// is refused at registration.
type Access struct {
	public bool
	action authz.Action
}

// Needs lets those call who may do action.
func Needs(action authz.Action) Access { return Access{action: action} }

// Public lets everybody call, signed in or not.
func Public() Access { return Access{public: true} }

// Check answers nil when p may call.
func (a Access) Check(p authz.Principal) error {
	if a.public {
		return nil
	}
	return p.Require(a.action)
}

func (a Access) declared() bool {
	if a.public {
		return a.action == ""
	}
	_, known := authz.Describe(a.action)
	return known
}

// security is the OpenAPI form: the alternatives by which a caller may
// identify.
func (a Access) security() []map[string][]string {
	if a.public {
		return nil
	}
	rule, _ := authz.Describe(a.action)
	list := []map[string][]string{{schemeSession: {}}}
	if rule.Guest {
		list = append(list, map[string][]string{schemeGuest: {}})
	}
	if rule.Scope != "" {
		list = append(list, map[string][]string{schemeBearer: {string(rule.Scope)}})
	}
	return list
}

// accessKey finds the declared access in the metadata of an operation.
const accessKey = "parley.access"

// guard is the adapter between huma and the mux. It refuses operations that
// declare no access, however they were registered, and checks the access
// before anything of the request is read.
type guard struct {
	huma.Adapter
	api *API
}

func (g guard) Handle(op *huma.Operation, next func(huma.Context)) {
	access, _ := op.Metadata[accessKey].(Access)
	if !access.declared() {
		panic(fmt.Sprintf("api: operation %q (%s %s) does not declare who may call it", op.OperationID, op.Method, op.Path))
	}
	g.Adapter.Handle(op, func(ctx huma.Context) {
		if err := access.Check(authz.From(ctx.Context())); err != nil {
			r, w := humago.Unwrap(ctx)
			g.api.fail(w, r, err)
			return
		}
		next(ctx)
	})
}
