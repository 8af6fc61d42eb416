// Package postgres opens the database: a pgx pool and the forward-only migrations that run at start.
//
// The SQL of every domain lives in migrations/, numbered in one sequence (0001x identity and directory, 0002x
// meetings, 0003x chat), typed by sqlc in the domain's own package. The sub-package private runs a PostgreSQL of
// our own as a child process where no database is configured; pgtest gives each test a migrated database.
package postgres
