// Package lambdahttp runs an endpoint family as a Lambda behind API Gateway: it wires what every family needs from
// the environment, and turns the gateway's events into requests and answers back into what the gateway expects.
//
// It is the outermost layer of a function and knows no endpoint. Nothing else imports the API proxy.
package lambdahttp
