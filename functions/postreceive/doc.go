// Package postreceive is the function that does what comes after a push: the stream of the table tells it of every push in
// the outbox, and it writes the push's effects and publishes it as an event. Events around agents lie in the same outbox, and
// are published in the same way.
//
// The stream tells of a push at least once and in no particular order. The effects count once all the same (package
// postern/shared/store); the event may be published again when the function is stopped at the wrong moment, and those who
// subscribe tell repeats by its push_id or event_id.
package postreceive
