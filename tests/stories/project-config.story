# platforms: slack discord console
# Each difference is shown at its character; the mended list is written after a second person's yes.
kim on $P types /seqn project-config acme portal redirects="https://portal.acme.example/auth/callback/ http://localhost:3000/auth/callback" key-prefix=abcd1234
expect kim on $P sees "The configuration of portal in acme does not fit."
expect kim on $P sees "differs from the listed https://portal.acme.example/auth/callback: trailing slash."
expect kim on $P sees "http://localhost:3000/auth/callback is listed, character by character."
expect kim on $P sees "the backend's is an old one"
expect kim on $P no-button "Write the proposed lists"
expect kim on $P no-button "Nobody has the current key: rotate"
kim types /seqn project-config acme portal origins="https://portl.acme.example"
expect kim on $P sees "the likest differs in its host: https://portal.acme.example."
kim types /seqn project-config acme mobile
kim presses Look at the provisioning
expect kim on $P sees "The provisioning of mobile in acme is in trouble."
expect effects 0
kim types /seqn project-config acme portal redirects=nonsense
expect kim on $P sees "Address 1 is no web address"
kim types /seqn project-config acme portal apply=yes redirects=https://portal.acme.example/x
expect kim on $P sees "Writing a project needs the ticket it is for."
kim types /seqn project-config acme portal apply=yes redirects=https://portal.acme.example/x ticket=SUP-71
expect kim on $P sees "You may not ask for"
kim types /seqn project-config acme legacy
expect kim on $P sees "The project is disabled"
kim types /seqn project-config acme none
expect kim on $P sees "SEQN Auth does not know the project none of acme."
# Written anew under its own name, a blocked project is provisioned.
kim types /seqn project-config acme mobile again=yes ticket=SUP-72
expect kim on $P sees "Provision anew of mobile in acme?"
kim presses Confirm
expect kim on $P sees "Done and confirmed"
expect effects 1
expect audit project-config done x1
