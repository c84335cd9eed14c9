/**
 * The shell program between the gateway and a step process; `$1` is the grace in seconds, the rest is the command.
 * All that it starts is in its process group, so that the group can be ended as one.
 *
 * - Standard input is a pipe that the gateway alone holds open. The watcher waits at it: a line dismisses the watcher;
 *   the end of the pipe means that the gateway is gone, however it went, and the group is ended: TERM, later KILL.
 * - A TERM for the group reaches the watcher, which is born ignoring it, and the guard, which passes over it. The command
 *   gets the default action back, but only some time after the fork: `started` at descriptor 4 says that TERM ends it.
 * - When the command ends, its exit code is reported at descriptor 4. The guard stays, so that the watcher does, until
 *   the gateway has seen to the processes that the command left behind; then it reaps the watcher and ends.
 * - The command is never parsed: `exec` takes it as arguments, and takes no built-in of the shell for a program. Its
 *   standard error is descriptor 5 until then, because the shell has remarks of its own ("Terminated").
 */
export const guardScript = `
grace=$1
shift
exec 3<&0 </dev/null 5>&2 2>/dev/null
trap '' TERM
(
  read -r _ <&3 && exit
  kill -TERM 0
  sleep "$grace"
  kill -KILL 0
) >/dev/null 4>&- 5>&- &
trap : TERM
(
  echo started >&4
  exec "$@" 2>&5 3<&- 4>&- 5>&-
)
code=$?
trap '' TERM
exec >/dev/null 5>&-
echo "$code" >&4
wait
exit "$code"
`
