// Package directory is who works here: the tree of departments, who belongs
// to which, the list of people, and the name of the company.
//
// PostgreSQL owns all state; accounts themselves belong to api/identity, whose
// tables the queries here read. Changes of the tree take one table lock, so
// that no two of them make a cycle together. What a reader may not see is left
// out inside the queries. Start reading at Service.
package directory
