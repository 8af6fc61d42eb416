package fault

import "net/http"

// Code names one kind of error for as long as the API lives. It is an error
// itself, so a function may return it and a caller may test for it with
// errors.Is.
type Code string

// CodeInfo is what is known about a code without an occurrence of it.
type CodeInfo struct {
	Code    Code
	Status  int    // HTTP status
	Message string // English, for programs and logs; people read the translation of the code
}

const (
	Internal             Code = "internal"
	BadRequest           Code = "badRequest"
	Validation           Code = "validation"
	NotFound             Code = "notFound"
	MethodNotAllowed     Code = "methodNotAllowed"
	NotAcceptable        Code = "notAcceptable"
	UnsupportedMedia     Code = "unsupportedMedia"
	Unauthenticated      Code = "unauthenticated"
	Forbidden            Code = "forbidden"
	CrossOrigin          Code = "crossOrigin"
	Conflict             Code = "conflict"
	PreconditionFailed   Code = "preconditionFailed"
	PreconditionRequired Code = "preconditionRequired"
	TooLarge             Code = "tooLarge"
	TimedOut             Code = "timedOut"
	RateLimited          Code = "rateLimited"
	LimitReached         Code = "limitReached"
	Unavailable          Code = "unavailable"
	WrongCredentials     Code = "wrongCredentials"
	WrongPassword        Code = "wrongPassword"
	WeakPassword         Code = "weakPassword"
	NameTaken            Code = "nameTaken"
	LoginInvalid         Code = "loginInvalid"
	NameInvalid          Code = "nameInvalid"
	InvitationInvalid    Code = "invitationInvalid"
	ResetLinkInvalid     Code = "resetLinkInvalid"
	SetupDone            Code = "setupDone"
	SetupLinkInvalid     Code = "setupLinkInvalid"
	LastOwner            Code = "lastOwner"
	ImageInvalid         Code = "imageInvalid"
	PersonNotFound       Code = "personNotFound"

	DepartmentNotFound Code = "departmentNotFound"
	DepartmentNotEmpty Code = "departmentNotEmpty"
	DepartmentTooDeep  Code = "departmentTooDeep"
	DepartmentCycle    Code = "departmentCycle"

	MeetingNotFound      Code = "meetingNotFound"
	MeetingEnded         Code = "meetingEnded"
	MeetingLocked        Code = "meetingLocked"
	MeetingFull          Code = "meetingFull"
	MeetingNotRunning    Code = "meetingNotRunning"
	WaitingInLobby       Code = "waitingInLobby"
	GuestsNotAllowed     Code = "guestsNotAllowed"
	NotInMeeting         Code = "notInMeeting"
	RemovedFromMeeting   Code = "removedFromMeeting"
	NotAllowed           Code = "notAllowed"
	ParticipantNotFound  Code = "participantNotFound"
	PublicationNotFound  Code = "publicationNotFound"
	SDPInvalid           Code = "sdpInvalid"
	ShareLimit           Code = "shareLimit"
	UnknownMessage       Code = "unknownMessage"
	BadMessage           Code = "badMessage"
	WrongState           Code = "wrongState"
	MessageTooLarge      Code = "messageTooLarge"
	TooManyMessages      Code = "tooManyMessages"
	UnsupportedVersion   Code = "unsupportedVersion"
	ResumeInvalid        Code = "resumeInvalid"
	ConversationNotFound Code = "conversationNotFound"
	ChatClosed           Code = "chatClosed"
	MessageNotFound      Code = "messageNotFound"
	RecallTooLate        Code = "recallTooLate"
	TooManyReactions     Code = "tooManyReactions"

	BoardNotFound      Code = "boardNotFound"
	BoardReadOnly      Code = "boardReadOnly"
	NotBoardOwner      Code = "notBoardOwner"
	BoardTooLarge      Code = "boardTooLarge"
	BoardStateNotFound Code = "boardStateNotFound"
	DrawingInvalid     Code = "drawingInvalid"
)

// Codes lists every code. Each has a translation errors.<code> in the web
// client; a test holds that.
var Codes = []CodeInfo{
	{Internal, http.StatusInternalServerError, "something went wrong on the server"},
	{BadRequest, http.StatusBadRequest, "the request cannot be read"},
	{Validation, http.StatusUnprocessableEntity, "the request has fields that are missing or not valid"},
	{NotFound, http.StatusNotFound, "there is nothing here"},
	{MethodNotAllowed, http.StatusMethodNotAllowed, "this address does not take this method"},
	{NotAcceptable, http.StatusNotAcceptable, "the answer is not available in the format asked for"},
	{UnsupportedMedia, http.StatusUnsupportedMediaType, "this content type is not accepted here"},
	{Unauthenticated, http.StatusUnauthorized, "sign in first"},
	{Forbidden, http.StatusForbidden, "you may not do this"},
	{CrossOrigin, http.StatusForbidden, "requests from other sites are refused"},
	{Conflict, http.StatusConflict, "this was changed by somebody else in the meantime"},
	{PreconditionFailed, http.StatusPreconditionFailed, "this changed since it was read"},
	{PreconditionRequired, http.StatusPreconditionRequired, "say with If-Match what is to be changed"},
	{TooLarge, http.StatusRequestEntityTooLarge, "the request is too large"},
	{TimedOut, http.StatusRequestTimeout, "the request took too long to arrive"},
	{RateLimited, http.StatusTooManyRequests, "too many attempts, try again later"},
	{LimitReached, http.StatusConflict, "there are as many of these as there may be"},
	{Unavailable, http.StatusServiceUnavailable, "the server cannot do this at the moment"},
	{WrongCredentials, http.StatusUnauthorized, "the account or the password is wrong"},
	{WrongPassword, http.StatusUnprocessableEntity, "the current password is wrong"},
	{WeakPassword, http.StatusUnprocessableEntity, "the password is too short or too easy to guess"},
	{NameTaken, http.StatusConflict, "this name is taken"},
	{LoginInvalid, http.StatusUnprocessableEntity, "this is not an e-mail address or a user name"},
	{NameInvalid, http.StatusUnprocessableEntity, "the name is empty, too long or has characters that cannot be shown"},
	{InvitationInvalid, http.StatusNotFound, "this invitation was used, withdrawn or has expired"},
	{ResetLinkInvalid, http.StatusNotFound, "this password link was used or has expired"},
	{SetupDone, http.StatusConflict, "the company is set up already"},
	{SetupLinkInvalid, http.StatusForbidden, "this set-up link is not valid"},
	{LastOwner, http.StatusConflict, "the company needs at least one owner"},
	{ImageInvalid, http.StatusUnprocessableEntity, "this is not a picture in a format that can be read"},
	{PersonNotFound, http.StatusNotFound, "there is no such person"},

	{DepartmentNotFound, http.StatusNotFound, "there is no such department"},
	{DepartmentNotEmpty, http.StatusConflict, "the department still has people or departments in it"},
	{DepartmentTooDeep, http.StatusUnprocessableEntity, "departments cannot be nested this deep"},
	{DepartmentCycle, http.StatusUnprocessableEntity, "a department cannot be moved into itself"},

	{MeetingNotFound, http.StatusNotFound, "there is no such meeting"},
	{MeetingEnded, http.StatusGone, "the meeting has ended"},
	{MeetingLocked, http.StatusForbidden, "the meeting is locked"},
	{MeetingFull, http.StatusConflict, "the meeting is full"},
	{MeetingNotRunning, http.StatusConflict, "nobody is in the meeting yet"},
	{WaitingInLobby, http.StatusServiceUnavailable, "waiting in the lobby until a host admits"},
	{GuestsNotAllowed, http.StatusForbidden, "this meeting does not admit guests"},
	{NotInMeeting, http.StatusForbidden, "you are not in this meeting"},
	{RemovedFromMeeting, http.StatusForbidden, "you were removed from this meeting"},
	{NotAllowed, http.StatusForbidden, "you may not do this in this meeting"},
	{ParticipantNotFound, http.StatusNotFound, "there is no such participant"},
	{PublicationNotFound, http.StatusNotFound, "there is no such publication"},
	{SDPInvalid, http.StatusUnprocessableEntity, "the session description cannot be used"},
	{ShareLimit, http.StatusConflict, "too many screens are shared at once"},
	{UnknownMessage, http.StatusBadRequest, "this message type is unknown"},
	{BadMessage, http.StatusBadRequest, "the message cannot be read"},
	{WrongState, http.StatusConflict, "this cannot be done at this point"},
	{MessageTooLarge, http.StatusRequestEntityTooLarge, "the message is too large"},
	{TooManyMessages, http.StatusTooManyRequests, "too many messages at once"},
	{UnsupportedVersion, http.StatusBadRequest, "this protocol version is not supported"},
	{ResumeInvalid, http.StatusGone, "the session cannot be resumed"},
	{ConversationNotFound, http.StatusNotFound, "there is no such conversation"},
	{ChatClosed, http.StatusForbidden, "nobody can write here at the moment"},
	{MessageNotFound, http.StatusNotFound, "there is no such message"},
	{RecallTooLate, http.StatusConflict, "the message is too old to be recalled"},
	{TooManyReactions, http.StatusConflict, "there are too many different reactions to this message"},

	{BoardNotFound, http.StatusNotFound, "there is no such board"},
	{BoardReadOnly, http.StatusForbidden, "you may look at this board, but not change it"},
	{NotBoardOwner, http.StatusForbidden, "only the owner of the board may do this"},
	{BoardTooLarge, http.StatusUnprocessableEntity, "this is more than a board can hold"},
	{BoardStateNotFound, http.StatusNotFound, "the history of the board has no such state"},
	{DrawingInvalid, http.StatusUnprocessableEntity, "this is not a drawing that can be read"},
}

var infos = func() map[Code]CodeInfo {
	m := make(map[Code]CodeInfo, len(Codes))
	for _, c := range Codes {
		m[c.Code] = c
	}
	return m
}()
