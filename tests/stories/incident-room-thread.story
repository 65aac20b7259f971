# Where Discord lets the bot open no channels, the room is a thread in the incidents channel; an answer that is lost
# opens no second room.
platform discord no-channels
fault slack "POST /api/conversations.create" drop-after x1
kim on discord types /incident open "Sign-in is slow" severity=sev2 impact="sign-in takes 30 seconds" routes=/auth/login mitigation="we look"
kim presses Confirm
advance 2m
expect channel room on slack sees "INC-1 is open (sev2): Sign-in is slow" x1
expect channel room on discord sees "INC-1 is open (sev2): Sign-in is slow" x1
kim on discord in room types /incident update "it is the database" phase=identified
kim presses Confirm
expect channel room on slack sees "INC-1 is identified (sev2), update 2"
expect channel room on discord sees "INC-1 is identified (sev2), update 2"
expect audit chain whole
