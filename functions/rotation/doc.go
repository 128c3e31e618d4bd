// Package rotation is the function that replaces the secrets of gitlab-shell and kas: by the four steps of Secrets Manager,
// and without a moment at which a client that holds a text it may hold is turned away.
//
// Clients read their secret from a file that somebody carries to them, so a new version goes its way slowly. It is made
// (AWSPENDING) and announced; every function knows it secrets.OverdueAfter later, and from then on clients may use it. After
// the time for the hand-over it becomes the current one, which is what those fetch who fetch by themselves. The version that
// it replaces stays good (AWSPREVIOUS) until somebody says that the clients have left it: the next version takes the last
// place of that one only then.
//
// The function is invoked by Secrets Manager for the steps, by a schedule that looks whether a version is due, and by people
// who confirm a hand-over. Whatever it is asked may be asked again.
package rotation
