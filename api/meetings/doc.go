// Package meetings keeps meetings: when they are, who is invited, what their rules are, and who was there.
//
// A meeting is a row with a code that stays its own; each time people are in it is a session of it. The running
// meeting itself lives in a room of the signaling plane, which asks [Service.Admit] who may enter and tells
// [Recorder] what happens; the recorder writes sessions and attendance behind a bounded queue. Schedules, calendar
// files and invitation texts are functions of values (schedule.go, calendar.go, invitation.go). Start reading at
// service.go.
package meetings
