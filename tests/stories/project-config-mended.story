# A lead mends the list, an admin agrees, and what is there now is read back.
lee on discord types /seqn project-config acme portal redirects="https://portal.acme.example/auth/callback/"
lee presses Write the proposed lists
# What the form does not ask and is known stays known.
lee submits ticket=SUP-73
expect lee on discord sees "Write the redirect URLs and origins of portal in acme?"
expect lee on discord sees "Redirect URLs after"
lee presses Ask for approval
mira on slack presses Review
expect mira sees "https://portal.acme.example/auth/callback/"
mira presses Approve
expect lee on discord sees "Done and confirmed"
expect effects 1
lee on discord types /seqn project-config acme portal redirects="https://portal.acme.example/auth/callback/ http://localhost:3000/auth/callback"
expect lee on discord sees "Nothing is wrong with the configuration of portal in acme."
