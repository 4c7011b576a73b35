# bash completion for ingest. In ~/.bashrc:
#   source <(ingest completions bash)

_ingest() {
    # No mapfile: macOS has bash 3.2.
    local IFS=$' \t\n' field answer=()
    while IFS= read -r -d '' field; do
        answer+=("$field")
    done < <("${1/#\~\//$HOME/}" __complete bash "$COMP_WORDBREAKS" \
        "${COMP_LINE:0:COMP_POINT}" </dev/null 2>/dev/null)
    COMPREPLY=()
    case ${answer[0]-} in
        values) COMPREPLY=("${answer[@]:1}") ;;
        files) compopt -o bashdefault -o default 2>/dev/null ;;
        folders) compopt -o dirnames 2>/dev/null ;;
    esac
}

# nosort: the latest run comes first. Before 4.4, bash doesn't know it.
complete -o nosort -F _ingest ingest 2>/dev/null || complete -F _ingest ingest
