// Package trace tells X-Ray what a function did with a request, so that a trace is found by the request's id and shows how
// it was decided. Lambda itself sends the function's part of a trace; what is added here is one subsegment of it.
//
// A subsegment is one datagram to the daemon that Lambda runs beside a traced function, by the documented protocol; the SDK
// for X-Ray would bring another SDK, gRPC and a web server along for it. Nothing here blocks or fails a request: what cannot
// be sent is lost.
package trace
