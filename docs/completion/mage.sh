# Completes the targets of mage and their flags, in bash and zsh.
# shellcheck shell=bash
# shellcheck disable=SC2207 # the words have no blanks, and mapfile is not in zsh
# In zsh, first: autoload -U compinit bashcompinit && compinit && bashcompinit
# Mage's own completion knows no flags, and both shells split its names at the colon.
_mage() {
  local run line=${COMP_LINE:0:$COMP_POINT} word target all IFS=$'\n'
  run=$(printf %q "$1") # for eval, since mage may be an alias; zsh wants a function: mage() { go tool mage "$@"; }
  word=${line##* }
  all=$(eval "$run -autocomplete" 2>/dev/null || eval "$run -l" 2>/dev/null | sed -n 's/^  \([a-z][^ ]*\) .*/\1/p')
  case $word in
  -*) target=$(printf %s "$line" | tr ' ' '\n' | grep -Fx "$all" | tail -n 1)
    all=$(eval "$run -h '$target'" 2>/dev/null | sed -n 's/=<bool>.*/ /; s/=<.*/=/; s/^[[:space:]]-/-/p') ;;
  *) all=$(printf '%s\n' "$all" | sed 's/$/ /') ;;
  esac
  COMPREPLY=($(compgen -W "$all" -- "$word"))
  case $COMP_WORDBREAKS in # bash replaces only what comes after the colon
  *:*) COMPREPLY=("${COMPREPLY[@]#"${word%"${word##*:}"}"}") ;;
  esac
}
complete -o nospace -F _mage mage
