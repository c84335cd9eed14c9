/**
 * The shell program between the gateway and a step process; `$1` is the grace in seconds, the rest is the command.
 * All that it starts is in its process group, so that the group can be ended as one.
 *
 * - Standard input is a pipe that the gateway alone holds open. The watcher waits at it: a line dismisses the watcher;
 *   the end of the pipe means that the gateway is gone, however it went, and the group is ended: TERM, later KILL.
 * - A TERM for the group reaches the guard too. It must not end it before the command has ended, and must keep a command
 *   from being started at all: in both cases `finish` is what comes next. Subshells get the default action back.
 * - The watcher ignores TERM from before it exists, so there is no moment without it once the command runs.
 * - When the command ends, its exit code is reported at descriptor 4. The guard stays, so that the watcher does, until
 *   the gateway has seen to the processes that the command left behind; then it reaps the watcher and ends.
 * - The command is never parsed: `exec` takes it as arguments, and takes no built-in of the shell for a program.
 */
export const guardScript = `
finish() {
  trap '' TERM
  exec >/dev/null 2>&1
  echo "$1" >&4
  wait
  exit "$1"
}
grace=$1
shift
exec 3<&0 </dev/null
trap '' TERM
(
  read -r _ <&3 && exit
  kill -TERM 0
  sleep "$grace"
  kill -KILL 0
) >/dev/null 2>&1 4>&- &
trap 'finish $?' TERM
( exec "$@" 3<&- 4>&- )
finish $?
`
