// Package trace reports requests to X-Ray, so that a trace can be found by request id and shows the decision. Lambda
// itself reports the function. This package adds one subsegment.
//
// A subsegment is one datagram to the daemon that runs beside a traced function, in the documented protocol. The X-Ray SDK
// would add another SDK, gRPC and a web server. Sending neither blocks nor fails a request. An undeliverable subsegment is
// lost.
package trace
