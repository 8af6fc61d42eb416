// Package bandwidth estimates what a link to a subscriber carries, from transport-wide feedback
// (draft-holmer-rmcat-transport-wide-cc-extensions-01), or from REMB (draft-alvestrand-rmcat-remb-03) where a client sends
// only that. It is pure: packets sent, feedback and time in, an estimate out.
//
// The estimate is held to what was seen to come through. A queue that grows (packets take longer than the least time they
// ever took) or heavy loss is congestion: the estimate falls below the delivered rate. While the link is clear it rises
// slowly, and never far beyond what is delivered, because a link that carries little may carry no more. What lies beyond is
// found by probes: padding, sent for a moment faster than the estimate, whose received rate becomes the estimate. The
// caller sends them when Plan says so.
//
// Start reading at Estimator.
package bandwidth
