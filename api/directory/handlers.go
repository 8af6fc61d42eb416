package directory

import (
	"context"
	"net/http"

	"parley/api"
	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/google/uuid"
)

// DepartmentList is the tree, parents named by id.
type DepartmentList struct {
	Items []Department `json:"items"`
}

// DepartmentRequest describes a department to be made.
type DepartmentRequest struct {
	Name     string    `json:"name" minLength:"1" maxLength:"80"`
	ParentID uuid.UUID `json:"parentId,omitempty" format:"uuid" doc:"Absent: at the top."`
	Sort     int       `json:"sort,omitempty" minimum:"0" maximum:"1000000"`
}

// DepartmentUpdate holds what shall change about a department.
type DepartmentUpdate struct {
	Name     *string    `json:"name,omitempty" minLength:"1" maxLength:"80"`
	ParentID *uuid.UUID `json:"parentId,omitempty" format:"uuid" doc:"The id of zeros moves it to the top."`
	Sort     *int       `json:"sort,omitempty" minimum:"0" maximum:"1000000"`
}

// CompanySettings is what an admin sets for everybody.
type CompanySettings struct {
	Name string `json:"name" minLength:"1" maxLength:"80"`
}

// PeoplePage is part of the list of people.
type PeoplePage struct {
	Items      []Person `json:"items"`
	NextCursor string   `json:"nextCursor,omitempty" doc:"Absent on the last page."`
}

// Register adds the operations of the domain to a. s may be nil when only the
// document is made.
func Register(a *api.API, s *Service) {
	registerPeople(a, s)
	registerDepartments(a, s)
}

func registerPeople(a *api.API, s *Service) {
	api.Register(a, api.Operation{
		ID: "listPeople", Method: http.MethodGet, Path: "/people", Tag: "people", Access: api.Needs(authz.ReadDirectory),
		Summary:     "List or search people, by name",
		Description: "`q` finds beginnings of words of the name and the login, and of Chinese names by pinyin and initials: 张伟 by 张, 伟, zhang, wei, zw.",
		Faults:      []fault.Code{fault.DepartmentNotFound, fault.Validation},
	}, s.listPeople)
	api.Register(a, api.Operation{
		ID: "getCompany", Method: http.MethodGet, Path: "/company", Tag: "company", Access: api.Needs(authz.ReadDirectory),
		Summary: "Read what is set for the company",
	}, s.getCompany)
	api.Register(a, api.Operation{
		ID: "updateCompany", Method: http.MethodPatch, Path: "/company", Tag: "company", Access: api.Needs(authz.ManageCompany),
		Summary: "Change what is set for the company", Faults: []fault.Code{fault.NameInvalid},
	}, s.patchCompany)
}

func registerDepartments(a *api.API, s *Service) {
	const tag = "departments"
	treeFaults := []fault.Code{fault.NameInvalid, fault.NameTaken, fault.DepartmentNotFound, fault.DepartmentTooDeep}
	api.Register(a, api.Operation{
		ID: "listDepartments", Method: http.MethodGet, Path: "/departments", Tag: tag, Access: api.Needs(authz.ReadDirectory),
		Summary: "List the tree of departments, siblings in order",
	}, s.listDepartments)
	api.Register(a, api.Operation{
		ID: "createDepartment", Method: http.MethodPost, Path: "/departments", Tag: tag, Access: api.Needs(authz.ManageDepartments),
		Summary: "Make a department", Faults: append([]fault.Code{fault.LimitReached}, treeFaults...),
	}, s.postDepartment)
	api.Register(a, api.Operation{
		ID: "updateDepartment", Method: http.MethodPatch, Path: "/departments/{id}", Tag: tag, Access: api.Needs(authz.ManageDepartments),
		Summary: "Rename, sort or move a department", Faults: append([]fault.Code{fault.DepartmentCycle}, treeFaults...),
	}, s.patchDepartment)
	api.Register(a, api.Operation{
		ID: "deleteDepartment", Method: http.MethodDelete, Path: "/departments/{id}", Tag: tag, Access: api.Needs(authz.ManageDepartments),
		Summary:     "Delete a department",
		Description: "One with people or departments in it stays, unless `moveTo` says where they go.",
		Faults:      append([]fault.Code{fault.DepartmentNotEmpty, fault.DepartmentCycle}, treeFaults...),
	}, s.deleteDepartment)
}

type peopleInput struct {
	Query        string    `query:"q" maxLength:"100"`
	DepartmentID uuid.UUID `query:"departmentId" format:"uuid" doc:"Only people in it or below it."`
	Cursor       string    `query:"cursor" maxLength:"4000"`
	Limit        int       `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

func (s *Service) listPeople(ctx context.Context, in *peopleInput) (*struct{ Body PeoplePage }, error) {
	people, next, err := s.People(ctx, authz.From(ctx), PeopleQuery{
		Text: in.Query, DepartmentID: in.DepartmentID, Cursor: in.Cursor, Limit: in.Limit,
	})
	return &struct{ Body PeoplePage }{PeoplePage{Items: people, NextCursor: next}}, err
}

func (s *Service) getCompany(ctx context.Context, _ *struct{}) (*struct{ Body CompanySettings }, error) {
	name, err := s.CompanyName(ctx)
	return &struct{ Body CompanySettings }{CompanySettings{name}}, err
}

type companyInput struct {
	Body CompanySettings
}

func (s *Service) patchCompany(ctx context.Context, in *companyInput) (*struct{ Body CompanySettings }, error) {
	name, err := s.RenameCompany(ctx, in.Body.Name)
	return &struct{ Body CompanySettings }{CompanySettings{name}}, err
}

func (s *Service) listDepartments(ctx context.Context, _ *struct{}) (*struct{ Body DepartmentList }, error) {
	list, err := s.Departments(ctx, authz.From(ctx))
	return &struct{ Body DepartmentList }{DepartmentList{list}}, err
}

func (s *Service) postDepartment(ctx context.Context, in *struct{ Body DepartmentRequest }) (*struct{ Body Department }, error) {
	d, err := s.AddDepartment(ctx, in.Body.Name, in.Body.ParentID, in.Body.Sort)
	return &struct{ Body Department }{d}, err
}

type patchDepartmentInput struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body DepartmentUpdate
}

func (s *Service) patchDepartment(ctx context.Context, in *patchDepartmentInput) (*struct{ Body Department }, error) {
	d, err := s.EditDepartment(ctx, in.ID, DepartmentChange{Name: in.Body.Name, Sort: in.Body.Sort, ParentID: in.Body.ParentID})
	return &struct{ Body Department }{d}, err
}

type deleteDepartmentInput struct {
	ID     uuid.UUID `path:"id" format:"uuid"`
	MoveTo string    `query:"moveTo" format:"uuid" doc:"Department for its people and sub-departments; the id of zeros puts sub-departments at the top."`
}

func (s *Service) deleteDepartment(ctx context.Context, in *deleteDepartmentInput) (*struct{}, error) {
	var target *uuid.UUID
	if in.MoveTo != "" {
		id, err := uuid.Parse(in.MoveTo)
		if err != nil {
			return nil, fault.Invalid("query.moveTo", "is not an id")
		}
		target = &id
	}
	return nil, s.DeleteDepartment(ctx, in.ID, target)
}
