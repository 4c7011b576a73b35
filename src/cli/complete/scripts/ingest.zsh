#compdef ingest
# zsh completion for ingest. Put it into a folder of $fpath:
#   ingest completions zsh > "${fpath[1]}/_ingest"
# or load it in ~/.zshrc, after compinit:
#   source <(ingest completions zsh)

_ingest() {
    local program=${(Q)words[1]} word=${(Q)PREFIX} title
    local -a answer values shown expl
    local -i at
    # Inside a quote that is open, PREFIX has what was typed.
    [[ -n $compstate[quote] ]] && word=$PREFIX
    answer=("${(@0)$("${program/#\~\//$HOME/}" __complete zsh \
        "${(@Q)words[2,CURRENT-1]}" "$word" </dev/null 2>/dev/null)}")
    case $answer[1] in
        files | folders)
            if [[ $PREFIX == --*=* ]]; then
                IPREFIX+=${PREFIX%%=*}=
                PREFIX=${PREFIX#*=}
            fi
            if [[ $answer[1] == files ]]; then _files; else _files -/; fi
            ;;
        values)
            title=$answer[2]
            for ((at = 3; at < $#answer; at += 2)); do
                values+=("$answer[at]")
                shown+=("$answer[at+1]")
            done
            (( $#values )) || return 1
            _wanted -V values expl "$title" compadd -l -d shown -a values
            ;;
        *) return 1 ;;
    esac
}

if [[ $funcstack[1] == _ingest ]]; then
    _ingest "$@"
else
    compdef _ingest ingest
fi
