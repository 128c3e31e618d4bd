// Package postreceive is the PostReceive worker. The table's stream delivers each push in the outbox to it. It writes the effects
// of the push and publishes it as an event. Events around agents lie in the same outbox and are published in the same way.
//
// The stream delivers a push at least once, in no particular order. Its effects count once all the same (package
// postern/shared/store). An interruption may publish the event again; subscribers recognize repeats by push_id or event_id.
package postreceive
